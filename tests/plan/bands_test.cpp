#include <minnow/plan/bands.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

#include <minnow/compile.h>
#include <minnow/core/random.h>
#include <minnow/core/threads.h>
#include <minnow/kernels/core.h>
#include <minnow/nn/conv2d.h>
#include <minnow/nn/module.h>
#include <minnow/nn/relu6.h>
#include <minnow/nn/sequential.h>
#include <minnow/ops/binary.h>

#include "support.h"

namespace minnow {
namespace {

constexpr std::int64_t kCache = 1000;

/// Three rows a part; each step reads what the one before it wrote.
RowParts step(ValueId x, std::int64_t in_height, std::int64_t height, std::int64_t stride, std::int64_t reach) {
  return {.height = height,
          .rows = 3,
          .in_height = in_height,
          .stride = stride,
          .reach = reach,
          .x = x,
          .y = x + 1,
          .y_bytes = 2 * kCache};
}

std::string text(std::span<const Turn> turns) {
  std::string all;
  for (const Turn& turn : turns) {
    all += std::to_string(turn.step) + ":" + std::to_string(turn.first) + "-" + std::to_string(turn.last) + " ";
  }
  return all;
}

TEST(Bands, JoinStepsThatHandEachOtherMoreThanTheCacheHolds) {
  std::vector<RowParts> steps;
  for (int i = 0; i < 6; ++i) steps.push_back(step(i, 9, 9, 1, 1));
  EXPECT_EQ(bands_of(steps, kCache), (std::vector<Band>{{0, 4}, {4, 6}}));
  EXPECT_EQ(bands_of(steps, kCache, 2), (std::vector<Band>{{0, 2}, {2, 6}}));
  EXPECT_TRUE(bands_of(steps, 2 * kCache).empty());
  steps[1].y_bytes = kCache;  // small enough
  steps[4].rows = 0;          // as a whole only
  EXPECT_EQ(bands_of(steps, kCache), (std::vector<Band>{{0, 2}, {2, 4}}));
  steps[3].x = 1;  // not what the step before wrote
  EXPECT_EQ(bands_of(steps, kCache), (std::vector<Band>{{0, 2}}));
  steps[1].rows = 9;  // in one part
  EXPECT_TRUE(bands_of(steps, kCache).empty());
}

TEST(Bands, CountTheBytesOfOneImage) {
  RowParts first = step(0, 9, 9, 1, 1), second = step(1, 9, 9, 1, 1);
  first.images = second.images = 2;
  EXPECT_TRUE(bands_of(std::vector{first, second}, kCache).empty());
  first.y_bytes = 2 * kCache + 2;
  EXPECT_EQ(bands_of(std::vector{first, second}, kCache).size(), 1u);
}

TEST(Turns, WithoutBandsAreOneForEachStep) {
  std::vector<RowParts> steps{step(0, 9, 9, 1, 1), step(1, 9, 7, 1, 1), {}};
  steps[1].images = 2;
  EXPECT_EQ(text(turns_of(steps, {})), "0:0-3 1:0-6 2:0-1 ");
}

TEST(Turns, ComputeRowsSoonBeforeTheyAreRead) {
  const std::vector<RowParts> steps{{},
                                    step(0, 12, 12, 1, 1),
                                    step(1, 12, 12, 1, 2),  // a window of three, padded: a row below is read as well
                                    step(2, 12, 6, 2, 2),   // the same, every other row
                                    {}};
  EXPECT_EQ(text(turns_of(steps, std::vector<Band>{{1, 4}})), "0:0-1 1:0-3 2:0-2 3:0-1 1:3-4 2:2-4 3:1-2 4:0-1 ");
}

TEST(Turns, TakeImagesOneAfterTheOther) {
  std::vector<RowParts> steps{step(0, 6, 6, 1, 1), step(1, 6, 6, 1, 1)};
  steps[0].images = steps[1].images = 2;
  EXPECT_EQ(text(turns_of(steps, std::vector<Band>{{0, 2}})), "0:0-1 1:0-1 0:1-2 1:1-2 0:2-3 1:2-3 0:3-4 1:3-4 ");
}

TEST(Turns, ComputeRowsThatNobodyReads) {  // they may be wanted behind the band
  const std::vector<RowParts> steps{step(0, 12, 12, 1, 1), step(1, 12, 4, 2, 1)};
  EXPECT_EQ(text(turns_of(steps, std::vector<Band>{{0, 2}})), "0:0-2 1:0-1 0:2-3 1:1-2 0:3-4 ");
}

TEST(Turns, ReadNothingThatIsNotThereAndComputeEachPartOnce) {
  std::mt19937 engine(1);
  const auto pick = [&](int least, int most) { return std::uniform_int_distribution<int>(least, most)(engine); };
  for (int turn = 0; turn < 500; ++turn) {
    std::vector<RowParts> steps;
    std::int64_t height = pick(1, 60);
    for (int i = 0; i < pick(2, 6); ++i) {
      const std::int64_t stride = pick(1, 3), kernel = pick(1, 5), pad = pick(0, 4), in = height;
      if (in + 2 * pad < kernel) break;
      height = (in + 2 * pad - kernel) / stride + 1;
      RowParts one{.images = 2, .height = height, .rows = pick(1, 9), .in_height = in, .stride = stride};
      one.reach = kernel - pad;
      one.x = i, one.y = i + 1;
      if (i > 1 && stride == 1 && steps.back().height == height) one.residual = pick(1, i);
      for (const RowParts& other : steps) {
        if (other.y == one.residual && other.height != height) one.residual = -1;
      }
      steps.push_back(one);
    }
    if (steps.empty()) continue;
    std::vector<std::int64_t> done(steps.size());
    for (const Turn& t : turns_of(steps, std::vector<Band>{{0, steps.size()}})) {
      const RowParts& own = steps[t.step];
      EXPECT_EQ(t.first, done[t.step]);
      done[t.step] = t.last;
      const std::int64_t image = (t.last - 1) / own.parts(), in_image = t.last - image * own.parts();
      const std::int64_t rows = std::min(own.height, in_image * own.rows);
      for (std::size_t before = 0; before < t.step; ++before) {
        const RowParts& other = steps[before];
        const std::int64_t there = std::min(other.height, (done[before] - image * other.parts()) * other.rows);
        if (other.y == own.x) {
          EXPECT_GE(there, std::min(own.in_height, (rows - 1) * own.stride + own.reach));
        }
        if (other.y == own.residual) {
          EXPECT_GE(there, rows);
        }
      }
    }
    for (std::size_t i = 0; i < steps.size(); ++i) EXPECT_EQ(done[i], 2 * steps[i].parts());
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

class OneThreadAndALargeL2 : public testing::Test {
 public:
  OneThreadAndALargeL2() {
    set_num_threads(1);
    kernels::assume_core(kernels::Core::other);
  }
  ~OneThreadAndALargeL2() override {
    set_num_threads(threads_);
    kernels::assume_core(core_);
  }

 private:
  const int threads_ = num_threads();
  const kernels::Core core_ = kernels::core();
};

TEST_F(OneThreadAndALargeL2, PlansComputeTheSameBitsInBands) {
  const Inverted model;
  for (const Shape& shape : {Shape{1, 20, 301, 37}, Shape{3, 20, 300, 36}}) {
    const Tensor x = randn(shape);
    const CompiledModel banded = compile(model, {.winograd = false});
    const CompiledModel plain = compile(model, {.winograd = false, .bands = false});
    EXPECT_NE(banded.plan(shape)->describe().find("band: steps "), std::string::npos);
    EXPECT_EQ(plain.plan(shape)->describe().find("band: steps "), std::string::npos);
    EXPECT_TENSOR_EQ(banded(x), plain(x));
    EXPECT_TENSOR_NEAR(banded(x), model(x), 1e-4);
  }
}

TEST_F(OneThreadAndALargeL2, TapsInBandsAreComplete) {
  const Inverted model;
  const Tensor x = randn({1, 20, 301, 37});
  const std::vector<std::string> taps{"first.layers.1", "second.layers.3"};
  const CompiledModel banded = compile(model, {.taps = taps, .winograd = false});
  EXPECT_NE(banded.plan(x.shape())->describe().find("band: steps "), std::string::npos);
  const auto outputs = banded.run({&x, 1});
  const auto expected = compile(model, {.taps = taps, .winograd = false, .bands = false}).run({&x, 1});
  for (std::size_t i = 0; i < outputs.size(); ++i) EXPECT_TENSOR_EQ(outputs[i], expected[i]);
}

}  // namespace
}  // namespace minnow
