#include <minnow/plan/arena.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>

#include <minnow/ops/unary.h>
#include <minnow/plan/micro_batches.h>

namespace minnow {
namespace {

bool meet(std::int64_t first_a, std::int64_t last_a, std::int64_t first_b, std::int64_t last_b) {
  return first_a <= last_b && first_b <= last_a;
}

std::int64_t aligned(std::int64_t bytes) { return (bytes + 63) / 64 * 64; }

/// What is needed at the fullest step: no arena can be smaller.
std::int64_t least(const std::vector<Lifetime>& buffers) {
  std::int64_t most = 0;
  for (const Lifetime& now : buffers) {  // at some buffer's first step it is fullest
    std::int64_t sum = 0;
    for (const Lifetime& b : buffers) sum += b.first <= now.first && now.first <= b.last ? aligned(b.bytes) : 0;
    most = std::max(most, sum);
  }
  return most;
}

std::int64_t sum_of(const std::vector<Lifetime>& buffers) {
  return std::accumulate(buffers.begin(), buffers.end(), std::int64_t{0},
                         [](std::int64_t sum, const Lifetime& b) { return sum + aligned(b.bytes); });
}

/// Offsets that are aligned, within the arena, and apart for buffers that live at the same time.
void expect_valid(const std::vector<Lifetime>& buffers, const ArenaLayout& layout) {
  ASSERT_EQ(layout.offsets.size(), buffers.size());
  for (std::size_t a = 0; a < buffers.size(); ++a) {
    EXPECT_GE(layout.offsets[a], 0);
    EXPECT_EQ(layout.offsets[a] % 64, 0);
    EXPECT_LE(layout.offsets[a] + buffers[a].bytes, layout.bytes);
    for (std::size_t b = 0; b < a; ++b) {
      if (!meet(buffers[a].first, buffers[a].last, buffers[b].first, buffers[b].last)) continue;
      if (buffers[a].bytes == 0 || buffers[b].bytes == 0) continue;
      EXPECT_FALSE(meet(layout.offsets[a], layout.offsets[a] + buffers[a].bytes - 1, layout.offsets[b],
                        layout.offsets[b] + buffers[b].bytes - 1))
          << "buffers " << a << " and " << b;
    }
  }
}

TEST(Arena, BuffersThatLiveTogetherNeverOverlapAndLittleIsWasted) {
  std::mt19937 random(7);
  const auto draw = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  std::int64_t bytes = 0, needed = 0;
  for (int round = 0; round < 200; ++round) {
    SCOPED_TRACE(round);
    std::vector<Lifetime> buffers(static_cast<std::size_t>(draw(60)));
    const int longest = 1 + draw(40);
    for (Lifetime& buffer : buffers) {
      buffer.bytes = draw(5) == 0 ? draw(64) : draw(50'000);
      buffer.first = draw(40);
      buffer.last = buffer.first + draw(longest);
    }
    const ArenaLayout layout = place(buffers);
    expect_valid(buffers, layout);
    EXPECT_GE(layout.bytes, least(buffers));
    EXPECT_LE(layout.bytes, least(buffers) * 3 / 2);
    EXPECT_LE(layout.bytes, sum_of(buffers));
    bytes += layout.bytes;
    needed += least(buffers);
  }
  EXPECT_LE(static_cast<double>(bytes), 1.05 * static_cast<double>(needed));
}

// As in a residual network: each block's input lives on until its sum, and sizes halve from stage to stage.
TEST(Arena, AResidualNetworkNeedsNoMoreThanItsFullestStep) {
  std::vector<Lifetime> buffers;
  int step = 0;
  for (const std::int64_t bytes : {1 << 20, 1 << 19, 1 << 18, 1 << 17}) {
    for (int block = 0; block < 3; ++block, step += 3) {
      buffers.push_back({bytes, step, step + 3});
      buffers.push_back({bytes / 4, step + 1, step + 2});
      buffers.push_back({bytes / 4, step + 2, step + 3});
    }
  }
  const ArenaLayout layout = place(buffers);
  expect_valid(buffers, layout);
  EXPECT_EQ(layout.bytes, least(buffers));
}

TEST(Arena, TheSameBuffersAreAlwaysPlacedAlike) {
  std::mt19937 random(11);
  std::vector<Lifetime> buffers(40);
  for (Lifetime& buffer : buffers) {
    buffer = {static_cast<std::int64_t>(random() % 4 * 640), static_cast<int>(random() % 20), 25};
  }
  EXPECT_EQ(place(buffers).offsets, place(buffers).offsets);
}

TEST(Arena, AChainNeedsTwoBuffers) {
  std::vector<Lifetime> chain;
  for (int step = 0; step < 20; ++step) chain.push_back({1024, step, step + 1});
  EXPECT_EQ(place(chain).bytes, 2048);
}

TEST(Arena, AGapBetweenLiveBuffersIsUsed) {
  // b and d are live throughout; c fits where a was.
  const std::vector<Lifetime> buffers = {{640, 0, 1}, {640, 0, 9}, {512, 2, 9}};
  EXPECT_EQ(place(buffers).bytes, 1280);
}

TEST(Arena, TheTightestGapIsTaken) {
  // At step 2 there are gaps of 2048 and of 640 bytes; the last buffer fits both.
  const std::vector<Lifetime> buffers = {{4096, 0, 9}, {2048, 0, 1}, {1024, 0, 9},
                                         {640, 0, 1},  {576, 0, 9},  {576, 2, 9}};
  const ArenaLayout layout = place(buffers);
  expect_valid(buffers, layout);
  EXPECT_EQ(layout.offsets[5], layout.offsets[3]);
}

TEST(Arena, WhatAStepReadsAndWhatItWritesLieApart) {
  const std::vector<Lifetime> one_step = {{640, 0, 3}, {640, 3, 5}}, one_after_the_other = {{640, 0, 2}, {640, 3, 5}};
  EXPECT_EQ(place(one_step).bytes, 1280);
  EXPECT_EQ(place(one_after_the_other).bytes, 640);
}

TEST(Arena, OffsetsAndSizesGoBeyond32Bits) {
  constexpr std::int64_t GiB = std::int64_t{1} << 30;
  const std::vector<Lifetime> buffers = {{5 * GiB, 0, 1}, {3 * GiB + 1, 1, 2}, {5 * GiB, 2, 3}, {GiB, 0, 3}};
  const ArenaLayout layout = place(buffers);
  EXPECT_EQ(layout.offsets, (std::vector<std::int64_t>{0, 5 * GiB, 0, 8 * GiB + 64}));
  EXPECT_EQ(layout.bytes, 9 * GiB + 64);
}

TEST(Lifetimes, GoFromTheStepThatWritesToTheLastThatReadsAViewOfIt) {
  Graph graph;
  const auto add = [&] { return graph.add_value({1}); };
  const auto op = std::make_shared<UnaryOp>(UnaryKind::relu);
  const ValueId input = add(), a = add(), view = add(), b = add(), c = add(), unused = add();
  graph.inputs = {input};
  graph.outputs = {c};
  graph.nodes = {{op, {input}, {a}, {}}, {op, {a}, {view}, {}}, {op, {a}, {b}, {}}, {op, {view}, {c}, {}}};
  const std::vector<std::int64_t> bytes = {10, 20, 64, 30, 40, 50};
  const Lifetimes result = lifetimes_of(graph, bytes, std::vector{0, -1, 1, 2}, 3);
  EXPECT_EQ(result.root, (std::vector{input, a, a, b, c, unused}));
  const auto expect = [&](ValueId id, std::int64_t size, int first, int last) {
    const Lifetime& life = result.lives[static_cast<std::size_t>(id)];
    EXPECT_EQ(life.bytes, size) << "value " << id;
    EXPECT_EQ(life.first, first) << "value " << id;
    EXPECT_EQ(life.last, last) << "value " << id;
  };
  expect(input, 10, 0, 0);
  expect(a, 64, 0, 2);  // as large as the view, which ends with a padded block
  expect(b, 30, 1, 1);
  expect(c, 40, 2, 3);
  expect(unused, 50, 3, -1);
}

class Overwritten : public ::testing::Test {
 protected:
  ValueId add(std::vector<ValueId> inputs, ValueId overwritten = -1) {
    const ValueId y = graph_.add_value({1});
    graph_.nodes.push_back({op_, std::move(inputs), {y}, {}});
    overwritten_.push_back(overwritten);
    return y;
  }
  /// Which values share memory when `outputs` are wanted.
  std::vector<ValueId> roots(std::vector<ValueId> outputs) {
    graph_.outputs = std::move(outputs);
    std::vector<int> steps(graph_.nodes.size());
    std::iota(steps.begin(), steps.end(), 0);
    for (const std::size_t view : views_) steps[view] = -1;
    Lifetimes values = lifetimes_of(graph_, std::vector<std::int64_t>(graph_.values.size(), 64), steps,
                                    static_cast<int>(graph_.nodes.size()));
    overwrite(values, graph_, overwritten_);
    for (std::size_t i = 0; i < values.root.size(); ++i) {
      const Lifetime& life = values.lives[i];
      EXPECT_EQ(values.root[i] == static_cast<ValueId>(i), life.last >= 0) << "value " << i;
    }
    return values.root;
  }

  Graph graph_;
  std::vector<std::size_t> views_;
  const ValueId input_ = graph_.inputs.emplace_back(graph_.add_value({1}));

 private:
  const std::shared_ptr<const Op> op_ = std::make_shared<UnaryOp>(UnaryKind::relu);
  std::vector<ValueId> overwritten_;
};

TEST_F(Overwritten, IsWhatDiesThereAndThatAgainByTheNext) {
  const ValueId a = add({input_}), b = add({a}), c = add({b, a}, a), d = add({c}), e = add({d, c}, c);
  EXPECT_EQ(roots({e}), (std::vector{input_, a, b, a, d, a}));
}

TEST_F(Overwritten, IsNothingThatIsReadLater) {
  const ValueId a = add({input_}), b = add({a}), c = add({b, a}, a), d = add({c, a});
  EXPECT_EQ(roots({d}), (std::vector{input_, a, b, c, d}));
}

TEST_F(Overwritten, IsNothingThatTheCallerHasOrGets) {
  const ValueId a = add({input_}), b = add({a, input_}, input_), constant = graph_.add_value({1});
  graph_[constant].constant = ones({1});
  const ValueId c = add({b, constant}, constant), d = add({c, a}, a);
  EXPECT_EQ(roots({a, d}), (std::vector{input_, a, b, constant, c, d}));
}

TEST_F(Overwritten, IsNothingThatTheStepReadsInAnotherOrderToo) {
  const ValueId a = add({input_}), view = add({a});
  views_ = {1};
  const ValueId b = add({view, a}, a);
  EXPECT_EQ(roots({b}), (std::vector{input_, a, a, b}));
}

TEST_F(Overwritten, BringsItsViewsAlong) {
  const ValueId a = add({input_}), b = add({a}), view = add({b}), c = add({a, view}, view), of_c = add({c});
  views_ = {2, 4};
  EXPECT_EQ(roots({of_c}), (std::vector{input_, a, b, b, b, b}));
}

TEST(Lifetimes, OfWhatMicroBatchesCollectBeginWithTheFirstStep) {
  Graph graph;
  const ValueId input = graph.add_value({1}), a = graph.add_value({1}), whole = graph.add_value({4});
  graph.inputs = {input};
  graph.outputs = {whole};
  graph.nodes = {{std::make_shared<UnaryOp>(UnaryKind::relu), {input}, {a}, {}},
                 {std::make_shared<CollectOp>(4), {a}, {whole}, {}}};
  const Lifetimes result = lifetimes_of(graph, std::vector<std::int64_t>{4, 4, 16}, std::vector{0, 1}, 2);
  EXPECT_EQ(result.lives[static_cast<std::size_t>(whole)].first, 0);
  EXPECT_EQ(result.lives[static_cast<std::size_t>(whole)].last, 2);
}

TEST(Arena, MoreThanThereIsStaysMore) {
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  EXPECT_GT(place(std::vector<Lifetime>{{most, 0, 1}}).bytes, most - 64);
  EXPECT_EQ(place(std::vector<Lifetime>{{most, 0, 1}, {most / 2, 0, 1}}).bytes, most);
}

TEST(Arena, NothingNeedsNothing) {
  EXPECT_EQ(place({}).bytes, 0);
  const std::vector<Lifetime> empty = {{0, 0, 1}, {0, 1, 1}};
  EXPECT_EQ(place(empty).bytes, 0);
}

}  // namespace
}  // namespace minnow
