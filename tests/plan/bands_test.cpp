#include <minnow/plan/bands.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <numeric>
#include <random>
#include <string>

#include <minnow/compile.h>
#include <minnow/core/error.h>
#include <minnow/core/random.h>
#include <minnow/core/threads.h>
#include <minnow/graph/trace.h>
#include <minnow/kernels/core.h>
#include <minnow/nn/conv2d.h>
#include <minnow/nn/linear.h>
#include <minnow/nn/module.h>
#include <minnow/nn/relu6.h>
#include <minnow/nn/sequential.h>
#include <minnow/ops/binary.h>
#include <minnow/ops/conv2d.h>
#include <minnow/ops/unary.h>
#include <minnow/plan/packed_weights.h>
#include <minnow/plan/plan.h>

#include "support.h"

namespace minnow {
namespace {

constexpr std::int64_t kCache = 1000;

/// A step that reads what the one before it wrote, and hands its own output to the next.
Rowwise step(ValueId x, std::int64_t in_height, std::int64_t height, std::int64_t stride, std::int64_t reach,
             std::int64_t above) {
  return {.height = height,
          .in_height = in_height,
          .stride = stride,
          .reach = reach,
          .above = above,
          .x = x,
          .y = x + 1,
          .row_bytes = kCache / 2,
          .handed_on = true};
}

/// Step, rows, and of those in a window the first one in it, after what was moved: "1:4-6@3(1)".
std::string text(const BandTurns& turns) {
  std::string all;
  for (const auto& of_thread : turns.of_thread) {
    for (const Turn& turn : of_thread) {
      all += str(turn.step, ":", turn.rows.first, "-", turn.rows.last);
      if (turn.rows.y_top > 0) all += str("@", turn.rows.y_top, "(", turn.kept, ")");
      all += " ";
    }
    all += "| ";
  }
  return all;
}

TEST(Bands, JoinStepsThatHandEachOtherMoreThanTheCacheHolds) {
  std::vector<Rowwise> steps;
  for (int i = 0; i < 6; ++i) steps.push_back(step(i, 9, 9, 1, 1, 0));
  EXPECT_EQ(bands_of(steps, kCache, 100 * kCache, 1), (std::vector<Band>{{0, 6}}));
  EXPECT_EQ(bands_of(steps, kCache, 100 * kCache, 1, 2), (std::vector<Band>{{0, 2}, {2, 6}}));
  EXPECT_TRUE(bands_of(steps, 9 * kCache, 100 * kCache, 1).empty());
  steps[1].row_bytes = kCache / 9;  // small enough
  steps[4].height = 0;              // as a whole only
  EXPECT_EQ(bands_of(steps, kCache, 100 * kCache, 1), (std::vector<Band>{{0, 2}, {2, 4}}));
  steps[3].x = 1;  // not what the step before wrote
  EXPECT_EQ(bands_of(steps, kCache, 100 * kCache, 1), (std::vector<Band>{{0, 2}}));
  steps[1].in_height = 3;  // the same memory, seen otherwise
  EXPECT_TRUE(bands_of(steps, kCache, 100 * kCache, 1).empty());
}

TEST(Bands, JoinTheSameImages) {
  std::vector<Rowwise> steps{step(0, 9, 9, 1, 1, 0), step(1, 9, 9, 1, 1, 0)};
  steps[1].images = 2;
  EXPECT_TRUE(bands_of(steps, kCache, 100 * kCache, 1).empty());
  steps[0].images = 2;
  EXPECT_EQ(bands_of(steps, kCache, 100 * kCache, 1).size(), 1u);
}

TEST(Bands, OfSeveralThreadsHaveOutputsThatNoOtherStepReads) {
  std::vector<Rowwise> steps{step(0, 40, 40, 1, 1, 0), step(1, 40, 40, 1, 1, 0), step(2, 40, 40, 1, 1, 0)};
  steps[1].handed_on = false;
  EXPECT_EQ(bands_of(steps, kCache, 100 * kCache, 1), (std::vector<Band>{{0, 3}}));
  EXPECT_EQ(bands_of(steps, kCache, 100 * kCache, 2), (std::vector<Band>{{0, 2}}));
  EXPECT_TRUE(bands_of(steps, kCache, 100 * kCache, 3).empty());  // too few rows for each
  for (Rowwise& one : steps) one.images = 2;
  EXPECT_EQ(bands_of(steps, kCache, 100 * kCache, 3), (std::vector<Band>{{0, 2}}));
}

TEST(Bands, HaveFewArraysThatAreThereAsAWhole) {
  std::vector<Rowwise> steps;
  for (int i = 0; i < 9; ++i) steps.push_back(step(i, 9, 9, 1, 1, 0));
  for (int i = 1; i < 9; ++i) steps[static_cast<std::size_t>(i)].handed_on = false;
  EXPECT_EQ(bands_of(steps, kCache, 100 * kCache, 1), (std::vector<Band>{{0, 5}, {5, 9}}));
}

TEST(Bands, EndWhereTheCacheDoesNotHoldWhatTwoRowsWant) {
  std::vector<Rowwise> steps;
  for (int i = 0; i < 6; ++i) steps.push_back(step(i, 9, 9, 1, 3, 1));
  // Two rows read four, which read six, at half a cache each.
  EXPECT_EQ(bands_of(steps, kCache, 5 * kCache, 1), (std::vector<Band>{{0, 3}, {3, 6}}));
  EXPECT_EQ(bands_of(steps, kCache, 2 * kCache, 1), (std::vector<Band>{{0, 2}, {2, 4}, {4, 6}}));
  EXPECT_TRUE(bands_of(steps, kCache, kCache, 1).empty());
}

TEST(Turns, ComputeRowsSoonBeforeTheyAreRead) {
  const std::vector<Rowwise> steps{{},
                                   step(0, 12, 12, 1, 1, 0),
                                   step(1, 12, 12, 1, 3, 1),  // a window of three, padded: reads a row on each side
                                   step(2, 12, 6, 2, 3, 1),   // the same, every other row
                                   {}};
  // Two rows of the last step read five, and these seven.
  const BandTurns turns = turns_of(steps, {1, 4}, 6 * kCache, 1);
  EXPECT_EQ(text(turns), "1:0-5 2:0-4 3:0-2 1:5-9@3(2) 2:4-8@3(1) 3:2-4 1:9-12@7(2) 2:8-12@7(1) 3:4-6 | ");
  EXPECT_EQ(turns.window_rows, (std::vector<std::int64_t>{6, 5, 0}));
  for (const Turn& turn : turns.of_thread[0]) {
    EXPECT_EQ(turn.rows.y_rows, turn.step == 1 ? 6 : turn.step == 2 ? 5 : 6);
    EXPECT_EQ(turn.rows.x_rows, turn.step == 1 ? 12 : turn.step == 2 ? 6 : 5);
  }
}

TEST(Turns, ShareTheRowsOfAllImagesAmongThreads) {
  std::vector<Rowwise> steps{step(0, 6, 6, 1, 1, 0), step(1, 6, 6, 1, 3, 1)};
  steps[0].images = steps[1].images = 2;
  EXPECT_EQ(text(turns_of(steps, {0, 2}, 100 * kCache, 3)),
            "0:0-5 1:0-4 | 0:3-6@3(0) 1:4-6 0:0-3 1:0-2 | 0:1-6@1(0) 1:2-6 | ");
}

TEST(Turns, LeaveOutRowsThatNobodyReads) {
  std::vector<Rowwise> steps{step(0, 12, 12, 1, 1, 0), step(1, 12, 4, 3, 1, 0)};
  EXPECT_EQ(text(turns_of(steps, {0, 2}, kCache / 2, 1)),
            "0:0-1 1:0-1 0:3-4@3(0) 1:1-2 0:6-7@6(0) 1:2-3 0:9-10@9(0) 1:3-4 | ");
  steps[0].handed_on = false;  // but it may be wanted behind the band
  EXPECT_EQ(text(turns_of(steps, {0, 2}, kCache / 2, 1)),
            "0:0-1 1:0-1 0:1-4 1:1-2 0:4-7 1:2-3 0:7-10 1:3-4 0:10-12 | ");
}

/// Takes the turns of one thread, with a number for each row, and says what the last step finds.
class TurnsPlayed {
 public:
  TurnsPlayed(std::span<const Rowwise> steps, const BandTurns& turns)
      : steps_(steps), turns_(turns), rows_(steps.size()) {
    for (std::size_t i = 0; i < steps.size(); ++i) {
      const std::int64_t window = turns.window_rows[i];
      rows_[i].resize(static_cast<std::size_t>(window > 0 ? window : steps[i].images * steps[i].height), {-1, -1});
    }
  }

  void play(const Turn& turn) {
    const Rowwise& own = steps_[turn.step];
    auto& rows = rows_[turn.step];
    const bool window = turns_.window_rows[turn.step] > 0;
    if (window) {
      EXPECT_LE(turn.kept_from + turn.kept, turn.rows.y_rows);
      std::copy_n(rows.begin() + turn.kept_from, turn.kept, rows.begin());
    }
    for (std::int64_t row = turn.rows.first; row < turn.rows.last; ++row) {
      if (turn.step > 0) {
        for (std::int64_t read = own.reads_from(row); read < own.reads_until(row + 1); ++read) {
          EXPECT_EQ(find(turn.step - 1, turn.image, read, turn.rows.x_top), (Row{turn.image, read}));
        }
      }
      for (std::size_t before = 0; before < turn.step; ++before) {
        if (steps_[before].y == own.residual) {
          EXPECT_EQ(find(before, turn.image, row, 0), (Row{turn.image, row}));
        }
      }
      const std::int64_t at = window ? row - turn.rows.y_top : turn.image * own.height + row;
      ASSERT_GE(at, 0);
      ASSERT_LT(at, std::ssize(rows));
      rows[static_cast<std::size_t>(at)] = {turn.image, row};
    }
  }

  /// Whether all of a step is there.
  bool is_complete(std::size_t step) const {
    for (std::int64_t i = 0; i < std::ssize(rows_[step]); ++i) {
      if (rows_[step][static_cast<std::size_t>(i)] != Row{i / steps_[step].height, i % steps_[step].height})
        return false;
    }
    return true;
  }

 private:
  using Row = std::pair<std::int64_t, std::int64_t>;  // image, row

  Row find(std::size_t step, std::int64_t image, std::int64_t row, std::int64_t top) const {
    const bool window = turns_.window_rows[step] > 0;
    const std::int64_t at = window ? row - top : image * steps_[step].height + row;
    return at < 0 || at >= std::ssize(rows_[step]) ? Row{-2, -2} : rows_[step][static_cast<std::size_t>(at)];
  }

  const std::span<const Rowwise> steps_;
  const BandTurns& turns_;
  std::vector<std::vector<Row>> rows_;
};

TEST(Turns, ReadWhatTheyFindAndComputeAll) {
  std::mt19937 engine(1);
  const auto pick = [&](int least, int most) { return std::uniform_int_distribution<int>(least, most)(engine); };
  for (int turn = 0; turn < 2000; ++turn) {
    std::vector<Rowwise> steps;
    std::int64_t height = pick(1, 60);
    const int threads = pick(1, 3);
    for (int i = 0, count = pick(1, 6); i < count; ++i) {
      const std::int64_t stride = pick(1, 3), kernel = pick(1, 5), pad = pick(0, 4), in = height;
      if (in + 2 * pad < kernel) break;
      height = (in + 2 * pad - kernel) / stride + 1;
      Rowwise one = step(i, in, height, stride, kernel, pad);
      one.images = 2;
      one.handed_on = threads > 1 || pick(0, 3) > 0;
      if (i > 1 && threads == 1 && pick(0, 1) == 1) {
        const auto other = static_cast<std::size_t>(pick(0, i - 1));
        if (steps[other].height == height) one.residual = steps[other].y, steps[other].handed_on = false;
      }
      steps.push_back(one);
    }
    if (steps.empty()) continue;
    const BandTurns turns = turns_of(steps, {0, steps.size()}, pick(1, 40) * kCache, threads);
    TurnsPlayed all(steps, turns);
    for (const auto& of_thread : turns.of_thread) {
      for (const Turn& t : of_thread) all.play(t);
    }
    for (std::size_t i = 0; i < steps.size(); ++i) {
      if (i + 1 == steps.size() || !steps[i].handed_on) {
        EXPECT_TRUE(all.is_complete(i));
      }
    }
    if (HasFailure()) FAIL() << "in turn " << turn;
  }
}

TEST(Bands, KeepWhatTheyTouchAsLongAsTheyRun) {
  std::vector<Lifetime> lives{{1, 0, 2}, {1, 3, 4}, {1, 6, 9}, {1, 7, 8}, {1, 0, -1}};
  outlive(lives, std::vector<Band>{{2, 7}});
  const auto is = [&](std::size_t i, int first, int last) { return lives[i].first == first && lives[i].last == last; };
  EXPECT_TRUE(is(0, 0, 6) && is(1, 2, 6) && is(2, 2, 9) && is(3, 7, 8) && is(4, 0, -1));
}

/// Inverted residuals, as MobileNetV2 has them, one of stride 2 and one with a residual.
struct Inverted : nn::Module {
  struct Block : nn::Module {
    Block(std::int64_t in, std::int64_t wide, std::int64_t out, std::int64_t stride)
        : same(stride == 1 && in == out),
          layers(
              add("layers", nn::Sequential(nn::Conv2d(in, wide, 1), nn::ReLU6(),
                                           nn::Conv2d(wide, wide, 3, {.stride = stride, .padding = 1, .groups = wide}),
                                           nn::ReLU6(), nn::Conv2d(wide, out, 1)))) {}
    Tensor forward(const Tensor& x) const { return same ? x + layers(x) : layers(x); }
    bool same;
    nn::Child<nn::Sequential> layers;
  };
  Tensor forward(const Tensor& x) const { return second(first(x)); }
  nn::Child<Block> first = add("first", Block(20, 100, 20, 1)), second = add("second", Block(20, 100, 30, 2));
};

class LargeL2 : public testing::Test {
 public:
  LargeL2() { kernels::assume_core(kernels::Core::other); }
  ~LargeL2() override {
    set_num_threads(threads_);
    kernels::assume_core(core_);
  }

 private:
  const int threads_ = num_threads();
  const kernels::Core core_ = kernels::core();
};

TEST_F(LargeL2, PlansComputeTheSameBitsInBandsInLessMemory) {
  const Inverted model;
  for (const Shape& shape : {Shape{1, 20, 301, 37}, Shape{3, 20, 300, 36}}) {
    const Tensor x = randn(shape);
    set_num_threads(1);
    const CompiledModel plain = compile(model, {.winograd = false, .bands = false});
    EXPECT_EQ(plain.plan(shape)->describe().find("band: steps "), std::string::npos);
    const Tensor expected = plain(x);
    EXPECT_TENSOR_NEAR(expected, model(x), 1e-4);
    for (const int threads : {1, 2, 5}) {
      set_num_threads(threads);
      const CompiledModel banded = compile(model, {.winograd = false});
      EXPECT_NE(banded.plan(shape)->describe().find("band: steps "), std::string::npos);
      EXPECT_TENSOR_EQ(banded(x), expected);
      EXPECT_TENSOR_EQ(banded(x), expected);  // whatever the first call left in the windows
      if (threads == 1) {
        EXPECT_LT(banded.plan(shape)->arena_bytes(), plain.plan(shape)->arena_bytes());
      }
    }
  }
}

TEST_F(LargeL2, TapsInBandsAreComplete) {
  const Inverted model;
  const Tensor x = randn({1, 20, 301, 37});
  const std::vector<std::string> taps{"first.layers.1", "second.layers.3"};
  for (const int threads : {1, 2}) {
    set_num_threads(threads);
    const CompiledModel banded = compile(model, {.taps = taps, .winograd = false});
    EXPECT_NE(banded.plan(x.shape())->describe().find("band: steps "), std::string::npos);
    const auto outputs = banded.run({&x, 1});
    const auto expected = compile(model, {.taps = taps, .winograd = false, .bands = false}).run({&x, 1});
    for (std::size_t i = 0; i < outputs.size(); ++i) EXPECT_TENSOR_EQ(outputs[i], expected[i]);
  }
}

// Residuals that end within a band, that others of it read, that are read again later, and sums of sums.
TEST_F(LargeL2, RandomSumsHaveTheSameBitsInBandsAndInTheMemoryOfTheirTerms) {
  std::mt19937 engine(3);
  const auto pick = [&](std::size_t n) { return static_cast<std::size_t>(engine()) % n; };
  const Shape shape{2, 3, 110, 45};
  const Tensor x = randn(shape), in = randn({60, 3, 1, 1});
  const std::vector<Tensor> weights{randn({60, 60, 1, 1}) * 0.1, randn({60, 1, 3, 3}), randn({60, 60, 1, 1}) * 0.2};
  std::size_t bands = 0, smaller = 0;
  for (int round = 0; round < 24; ++round) {
    struct Link {
      std::size_t x, weight, residual;
    };
    std::vector<Link> links;
    for (std::size_t i = 1, count = 2 + pick(6); i <= count; ++i)
      links.push_back({pick(3) ? i - 1 : pick(i), pick(3), pick(2) ? pick(i) : i});
    const auto f = [&](std::span<const Tensor> inputs) {
      std::vector<Tensor> values{conv2d(inputs[0], in)};
      for (const auto& [from, weight, residual] : links) {
        const Tensor y = weight == 1 ? conv2d(values[from], weights[1], {}, {.padding = 1, .groups = 60})
                                     : conv2d(values[from], weights[weight]);
        values.push_back(residual < values.size() ? relu(y + values[residual]) : y);
      }
      return std::vector<Tensor>{values.back()};
    };
    const std::vector<TensorSpec> specs{{shape, DType::float32}};
    for (const int threads : {1, 2}) {
      set_num_threads(threads);
      PackedWeights packed, others;
      const Plan plan(trace(f, specs), {.winograd = false}, packed);
      const Plan plain(trace(f, specs), {.winograd = false, .bands = false, .reuse_memory = false}, others);
      EXPECT_TENSOR_EQ(plan.run({&x, 1}).front(), plain.run({&x, 1}).front()) << round << '\n' << plan;
      bands += plan.describe().find("band: steps ") != std::string::npos;
      smaller += plan.arena_bytes() < plain.arena_bytes();
    }
  }
  EXPECT_GT(bands, 10u);
  EXPECT_GT(smaller, 20u);
}

TEST_F(LargeL2, StepsOfOneRowAreNoBands) {
  set_num_threads(1);
  const CompiledModel fast = compile(nn::Sequential(nn::Linear(100, 600), nn::Linear(600, 600), nn::Linear(600, 100)));
  EXPECT_EQ(fast.plan({600, 100})->describe().find("band: steps "), std::string::npos);
}

TEST_F(LargeL2, StepsOfBandsAreTimedAsLongAsTheyTake) {
  set_num_threads(4);
  const CompiledModel fast = compile(Inverted(), {.winograd = false});
  const Tensor x = randn({3, 20, 300, 36});
  const auto plan = fast.plan(x.shape());
  set_num_threads(1);
  (void)plan->run({&x, 1});  // which makes the arena
  std::vector<double> seconds(plan->steps().size());
  const auto start = std::chrono::steady_clock::now();
  (void)plan->run({&x, 1}, seconds);
  const double all = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const double sum = std::accumulate(seconds.begin(), seconds.end(), 0.0);
  EXPECT_LE(sum, all);
  EXPECT_GT(sum, all / 2);
}

/// Sums whose terms are made within a band.
struct Doubled : nn::Module {
  Tensor forward(const Tensor& x) const {
    const Tensor y = first(x);
    return last(y + second(y));
  }
  nn::Child<nn::Conv2d> first = add("first", nn::Conv2d(20, 100, 1)), second = add("second", nn::Conv2d(100, 100, 1)),
                        last = add("last", nn::Conv2d(100, 20, {3, 1}, {.padding = {1, 0}}));
};

TEST_F(LargeL2, ResidualsOfBandsAreThereAsAWhole) {
  const Doubled model;
  const Tensor x = randn({2, 20, 301, 37});
  for (const int threads : {1, 2}) {
    set_num_threads(threads);
    const CompiledModel banded = compile(model, {.winograd = false});
    EXPECT_EQ(banded.plan(x.shape())->describe().find("band: steps ") != std::string::npos, threads == 1);
    EXPECT_TENSOR_EQ(banded(x), compile(model, {.winograd = false, .bands = false})(x));
  }
}

}  // namespace
}  // namespace minnow
