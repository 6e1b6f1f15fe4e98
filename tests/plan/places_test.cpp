#include <gtest/gtest.h>

#include <algorithm>

#include <minnow/compile.h>
#include <minnow/nn/conv2d.h>
#include <minnow/nn/sequential.h>
#include <minnow/ops/conv2d.h>
#include <minnow/ops/unary.h>
#include <minnow/plan/packed_weights.h>

#include "plan/traced.h"
#include "walled.h"

// Where the values of a plan lie: in the arena, or where the caller has them.
namespace minnow {
namespace {

TEST(PlanPlaces, NothingIsReadBeyondTheCallersArray) {
  for (const std::int64_t channels : {1, 3, 13, 16, 17}) {
    for (const Shape& shape : {Shape{1, channels, 1, 1}, Shape{1, channels, 5, 3}, Shape{3, channels, 4, 4}}) {
      const Tensor x = randn(shape), at_the_wall = test::walled(x);
      for (const std::int64_t groups : {std::int64_t{1}, channels}) {
        for (const std::int64_t kernel : {1, 3}) {
          const std::int64_t out = groups == 1 ? 2 * channels : channels;
          const CompiledModel fast =
              compile(nn::Sequential(nn::Conv2d(channels, out, kernel, {.padding = kernel / 2, .groups = groups})));
          EXPECT_TENSOR_EQ(fast(at_the_wall), fast(x)) << shape << ' ' << groups << ' ' << kernel;
        }
      }
      const CompiledModel plain = compile(nn::Sequential([](const Tensor& in) { return relu(in); }));
      EXPECT_TENSOR_EQ(plain(at_the_wall), plain(x)) << shape;
    }
  }
}

TEST(PlanPlaces, AreToldAsOffsetsInTheArena) {
  // Of a chain each array lives in two steps, so neighbours do not overlap, and the first one begins the arena.
  const Tensor first = randn({16, 16, 3, 3}), second = randn({16, 16, 3, 3}), third = randn({16, 16, 3, 3});
  const auto f = [&](const Tensor& x) { return conv2d(conv2d(conv2d(x, first), second), third); };
  PackedWeights weights;
  const Plan plan(test::traced_graph(f, TensorSpec{{1, 16, 20, 20}}),
                  {.bands = false, .algorithms = {{"", "direct"}, {"#2", "direct"}, {"#3", "direct"}}}, weights);
  std::int64_t least = plan.arena_bytes(), end = 0;
  std::vector<std::pair<std::int64_t, std::int64_t>> places;
  for (const StepInfo& step : plan.steps()) {
    ASSERT_GE(step.offset, 0) << plan;
    const std::int64_t bytes = step.output.numel() * static_cast<std::int64_t>(sizeof(float));  // whole blocks
    places.emplace_back(step.offset, step.offset + bytes);
    least = std::min(least, step.offset);
    end = std::max(end, step.offset + bytes);
  }
  EXPECT_EQ(least, 0) << plan;
  EXPECT_LE(end, plan.arena_bytes()) << plan;
  for (std::size_t i = 1; i < places.size(); ++i) {
    EXPECT_TRUE(places[i].second <= places[i - 1].first || places[i - 1].second <= places[i].first) << plan;
  }
}

}  // namespace
}  // namespace minnow
