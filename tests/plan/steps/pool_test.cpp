#include <gtest/gtest.h>

#include <algorithm>

#include <minnow/ops/adaptive_avg_pool2d.h>
#include <minnow/ops/adaptive_max_pool2d.h>
#include <minnow/ops/avg_pool2d.h>
#include <minnow/ops/conv2d.h>
#include <minnow/ops/max_pool2d.h>
#include <minnow/ops/unary.h>
#include <minnow/plan/packed_weights.h>
#include <minnow/plan/plan.h>

#include "plan/traced.h"
#include "support.h"

namespace minnow {
namespace {

using Pool = std::function<Tensor(const Tensor&)>;

bool pools_in_blocks(const Plan& plan) {
  return std::ranges::count(plan.steps(), "blocked", &StepInfo::algorithm) == 1;
}

/// Expects that a plan pools what a convolution has left in blocks, as `pool` does what it is told op by op.
void expect_pool_in_blocks(const Pool& pool, const Shape& input, const std::string& what) {
  const Tensor x = randn(input);
  Tensor weight = zeros({input[1], input[1], 1, 1});  // the identity, which leaves each bit
  for (std::int64_t i = 0; i < input[1]; ++i) weight.data()[i * input[1] + i] = 1.0f;
  const auto f = [&](const Tensor& in) { return pool(conv2d(in, weight)); };
  PackedWeights weights;
  const Plan plan(test::traced_graph(Pool(f), TensorSpec{input}), {.winograd = false}, weights);
  EXPECT_TRUE(pools_in_blocks(plan)) << what;
  EXPECT_TENSOR_NEAR(plan.run({&x, 1}).front(), f(x), 1e-6) << what << ' ' << input;
}

TEST(PoolStep, PoolsEveryWindowAsItsOpDoes) {
  struct Window {
    Pair kernel, stride, padding, dilation;
  };
  constexpr Window kWindows[] = {{3, 2, 1, 1},           {2, 2, 0, 1}, {{3, 2}, {1, 2}, {1, 0}, 1}, {5, 3, 2, 1},
                                 {{1, 3}, 2, {0, 1}, 1}, {3, 1, 1, 2}, {{2, 3}, 1, 1, {3, 1}},      {1, 2, 0, 1}};
  for (const Shape& input : {Shape{1, 17, 9, 8}, Shape{3, 5, 7, 12}, Shape{2, 32, 8, 8}}) {
    for (const auto& [size, stride, padding, dilation] : kWindows) {
      const Pair kernel = size;  // which lambdas may take
      for (const bool ceil : {false, true}) {
        const std::string what = str(kernel, stride, padding, dilation, ceil);
        const MaxPool2dOptions max{.stride = stride, .padding = padding, .dilation = dilation, .ceil_mode = ceil};
        expect_pool_in_blocks([&](const Tensor& x) { return max_pool2d(x, kernel, max); }, input, "max " + what);
        for (const bool count : {false, true}) {
          const AvgPool2dOptions avg{
              .stride = stride, .padding = padding, .ceil_mode = ceil, .count_include_pad = count};
          expect_pool_in_blocks([&](const Tensor& x) { return avg_pool2d(x, kernel, avg); }, input, "avg " + what);
        }
        const AvgPool2dOptions divided{.stride = stride, .padding = padding, .divisor_override = -3};
        expect_pool_in_blocks([&](const Tensor& x) { return avg_pool2d(x, kernel, divided); }, input, "by -3 " + what);
      }
    }
  }
}

TEST(PoolStep, PoolsAdaptivelyWhetherSizesDivideOrNot) {
  for (const Shape& input : {Shape{1, 17, 9, 8}, Shape{2, 3, 1, 1}, Shape{1, 32, 14, 7}}) {
    for (const OutputSize& size : {OutputSize(1), OutputSize(7), OutputSize({3, 20})}) {
      expect_pool_in_blocks([&](const Tensor& x) { return adaptive_avg_pool2d(x, size); }, input, "mean");
      expect_pool_in_blocks([&](const Tensor& x) { return adaptive_max_pool2d(x, size); }, input, "max");
    }
  }
}

TEST(PoolStep, ADilationThatLeavesTheInputDoesNotMatterToOnePixel) {
  for (const std::int64_t far : {std::int64_t{9}, INT64_MAX}) {
    const MaxPool2dOptions options{.stride = 2, .dilation = far};
    expect_pool_in_blocks([&](const Tensor& x) { return max_pool2d(x, 1, options); }, {1, 8, 5, 5}, "far");
    expect_pool_in_blocks(
        [&](const Tensor& x) {
          return max_pool2d(x, {1, 2}, {.stride = 1, .dilation = {far, 1}});
        },
        {1, 8, 5, 5}, "far");
  }
}

TEST(PoolStep, ANaNWinsWhereverItStands) {
  Tensor x = randn({1, 16, 4, 4});
  for (const std::int64_t at : {0, 5, 15}) x.data()[at * 17] = test::kNaN;
  const auto f = [](const Tensor& in) {
    return max_pool2d(relu(conv2d(in, ones({16, 1, 1, 1}), {}, {.groups = 16})), 2);
  };
  PackedWeights weights;
  const Plan plan(test::traced_graph(Pool(f), TensorSpec{x.shape()}), {}, weights);
  EXPECT_TRUE(pools_in_blocks(plan));
  EXPECT_TENSOR_EQ(plan.run({&x, 1}).front(), f(x));
}

}  // namespace
}  // namespace minnow
