#include <minnow/plan/passes/passes.h>

#include <gtest/gtest.h>

#include <minnow/ops/batch_norm.h>
#include <minnow/ops/binary.h>
#include <minnow/ops/conv2d.h>
#include <minnow/ops/linear.h>
#include <minnow/ops/unary.h>
#include <minnow/ops/view.h>

#include "plan/traced.h"

namespace minnow {
namespace {

using test::Norm;
using test::Traced;

TEST(FoldBatchNorm, BecomesScaleAndShift) {
  const Tensor weight = randn({4, 3, 3, 3});
  const Norm norm(4);
  Traced traced([&](const Tensor& x) { return norm(conv2d(x, weight)); }, {2, 3, 6, 6});
  gather_fusable(traced.graph);
  EXPECT_EQ(traced.text(), R"(input %0 [2, 3, 6, 6]
%2 = conv2d(%0, [4, 3, 3, 3]) -> [2, 4, 4, 4]
%7 = batch_norm(%2, [4], [4], [4], [4]) -> [2, 4, 4, 4]
output %7
)");
  traced.apply(fold_batch_norm, 1e-5);
  EXPECT_EQ(traced.text(), R"(input %0 [2, 3, 6, 6]
%7 = conv2d(%0, [4, 3, 3, 3], [4], [4]) +scale +shift -> [2, 4, 4, 4]
output %7
)");
}

TEST(FoldBatchNorm, TakesTheBiasIn) {
  const Tensor weight = randn({4, 3, 3, 3}), bias = randn({4});
  const Norm norm(4);
  Traced traced([&](const Tensor& x) { return norm(conv2d(x, weight, bias)); }, {2, 3, 6, 6});
  gather_fusable(traced.graph);
  EXPECT_EQ(traced.text(), R"(input %0 [2, 3, 6, 6]
%3 = conv2d(%0, [4, 3, 3, 3], [4]) +shift -> [2, 4, 4, 4]
%8 = batch_norm(%3, [4], [4], [4], [4]) -> [2, 4, 4, 4]
output %8
)");
  traced.apply(fold_batch_norm, 1e-5);
  EXPECT_EQ(traced.text(), R"(input %0 [2, 3, 6, 6]
%8 = conv2d(%0, [4, 3, 3, 3], [4], [4]) +scale +shift -> [2, 4, 4, 4]
output %8
)");
}

TEST(FoldBatchNorm, WithoutWeightAndBias) {
  const Tensor weight = randn({4, 4, 1, 1}), mean = randn({4}), var = rand({4}) + 0.5;
  Traced traced([&](const Tensor& x) { return batch_norm(conv2d(x, weight), mean, var); }, {1, 4, 2, 2});
  gather_fusable(traced.graph);
  EXPECT_EQ(traced.text(), R"(input %0 [1, 4, 2, 2]
%2 = conv2d(%0, [4, 4, 1, 1]) -> [1, 4, 2, 2]
%5 = batch_norm(%2, [4], [4]) -> [1, 4, 2, 2]
output %5
)");
  traced.apply(fold_batch_norm, 1e-5);
  EXPECT_EQ(traced.text(), R"(input %0 [1, 4, 2, 2]
%5 = conv2d(%0, [4, 4, 1, 1], [4], [4]) +scale +shift -> [1, 4, 2, 2]
output %5
)");
}

TEST(FoldBatchNorm, IntoALinearLayer) {
  const Tensor weight = randn({4, 6});
  const Norm norm(4);
  Traced traced([&](const Tensor& x) { return norm(linear(x, weight)); }, {3, 6});
  gather_fusable(traced.graph);
  EXPECT_EQ(traced.text(), R"(input %0 [3, 6]
%2 = linear(%0, [4, 6]) -> [3, 4]
%7 = batch_norm(%2, [4], [4], [4], [4]) -> [3, 4]
output %7
)");
  traced.apply(fold_batch_norm, 1e-5);
  EXPECT_EQ(traced.text(), R"(input %0 [3, 6]
%7 = linear(%0, [4, 6], [4], [4]) +scale +shift -> [3, 4]
output %7
)");
}

TEST(FoldBatchNorm, ASecondOneIsAMultiplicationAndAnAddition) {
  const Tensor weight = randn({4, 4, 1, 1});
  const Norm first(4), second(4);
  Traced traced([&](const Tensor& x) { return second(first(conv2d(x, weight))); }, {1, 4, 2, 2});
  gather_fusable(traced.graph);
  EXPECT_EQ(traced.text(), R"(input %0 [1, 4, 2, 2]
%2 = conv2d(%0, [4, 4, 1, 1]) -> [1, 4, 2, 2]
%7 = batch_norm(%2, [4], [4], [4], [4]) -> [1, 4, 2, 2]
%12 = batch_norm(%7, [4], [4], [4], [4]) -> [1, 4, 2, 2]
output %12
)");
  traced.apply(fold_batch_norm, 1e-5);
  EXPECT_EQ(traced.text(), R"(input %0 [1, 4, 2, 2]
%7 = conv2d(%0, [4, 4, 1, 1], [4], [4]) +scale +shift -> [1, 4, 2, 2]
%15 = mul(%7, [1, 4, 1, 1]) -> [1, 4, 2, 2]
%12 = add(%15, [1, 4, 1, 1]) -> [1, 4, 2, 2]
output %12
)");
}

TEST(FoldBatchNorm, OneThatFollowsNoConvolutionAsWell) {
  const Norm norm(4);
  Traced traced([&](const Tensor& x) { return norm(relu(x)); }, {1, 4, 2, 2});
  gather_fusable(traced.graph);
  EXPECT_EQ(traced.text(), R"(input %0 [1, 4, 2, 2]
%1 = relu(%0) -> [1, 4, 2, 2]
%6 = batch_norm(%1, [4], [4], [4], [4]) -> [1, 4, 2, 2]
output %6
)");
  traced.apply(fold_batch_norm, 1e-5);
  EXPECT_EQ(traced.text(), R"(input %0 [1, 4, 2, 2]
%1 = relu(%0) -> [1, 4, 2, 2]
%7 = mul(%1, [1, 4, 1, 1]) -> [1, 4, 2, 2]
%6 = add(%7, [1, 4, 1, 1]) -> [1, 4, 2, 2]
output %6
)");
}

TEST(FoldBatchNorm, AConvolutionThatOthersReadIsLeftAlone) {
  const Tensor weight = randn({4, 4, 1, 1});
  const Norm norm(4);
  Traced traced(
      [&](const Tensor& x) {
        const Tensor y = conv2d(x, weight);
        return norm(y) + y;
      },
      {1, 4, 2, 2});
  gather_fusable(traced.graph);
  EXPECT_EQ(traced.text(), R"(input %0 [1, 4, 2, 2]
%2 = conv2d(%0, [4, 4, 1, 1]) -> [1, 4, 2, 2]
%7 = batch_norm(%2, [4], [4], [4], [4]) -> [1, 4, 2, 2]
%8 = add(%7, %2) -> [1, 4, 2, 2]
output %8
)");
  traced.apply(fold_batch_norm, 1e-5);
  EXPECT_EQ(traced.text(), R"(input %0 [1, 4, 2, 2]
%2 = conv2d(%0, [4, 4, 1, 1]) -> [1, 4, 2, 2]
%9 = mul(%2, [1, 4, 1, 1]) -> [1, 4, 2, 2]
%7 = add(%9, [1, 4, 1, 1]) -> [1, 4, 2, 2]
%8 = add(%7, %2) -> [1, 4, 2, 2]
output %8
)");
}

TEST(FoldBatchNorm, StatisticsThatTheInputDecidesAreNotFolded) {
  const Tensor weight = randn({4, 4, 1, 1});
  Traced traced(
      [&](const Tensor& x) {
        const Tensor mean = x.view({4}), var = mean * mean;
        return batch_norm(conv2d(x, weight), mean, var);
      },
      {1, 4, 1, 1});
  gather_fusable(traced.graph);
  traced.expect_left(fold_batch_norm, R"(input %0 [1, 4, 1, 1]
%1 = view(%0) shape=[4] -> [4]
%2 = mul(%1, %1) -> [4]
%4 = conv2d(%0, [4, 4, 1, 1]) -> [1, 4, 1, 1]
%5 = batch_norm(%4, %1, %2) -> [1, 4, 1, 1]
output %5
)");
}

TEST(FoldBatchNorm, AConvolutionThatIsAnOutputIsLeftAloneAndItsNormMayBeOne) {
  const Tensor weight = randn({4, 4, 1, 1});
  const Norm norm(4);
  Traced traced(
      [&](const Tensor& x) {
        const Tensor y = conv2d(x, weight), z = norm(conv2d(x, weight));
        return std::vector{norm(y), y, z, relu(z)};
      },
      {1, 4, 2, 2});
  gather_fusable(traced.graph);
  EXPECT_EQ(traced.text(), R"(input %0 [1, 4, 2, 2]
%2 = conv2d(%0, [4, 4, 1, 1]) -> [1, 4, 2, 2]
%3 = conv2d(%0, [4, 4, 1, 1]) -> [1, 4, 2, 2]
%8 = batch_norm(%3, [4], [4], [4], [4]) -> [1, 4, 2, 2]
%9 = batch_norm(%2, [4], [4], [4], [4]) -> [1, 4, 2, 2]
%10 = relu(%8) -> [1, 4, 2, 2]
output %9, %2, %8, %10
)");
  traced.apply(fold_batch_norm, 1e-5);
  EXPECT_EQ(traced.text(), R"(input %0 [1, 4, 2, 2]
%2 = conv2d(%0, [4, 4, 1, 1]) -> [1, 4, 2, 2]
%8 = conv2d(%0, [4, 4, 1, 1], [4], [4]) +scale +shift -> [1, 4, 2, 2]
%13 = mul(%2, [1, 4, 1, 1]) -> [1, 4, 2, 2]
%9 = add(%13, [1, 4, 1, 1]) -> [1, 4, 2, 2]
%10 = relu(%8) -> [1, 4, 2, 2]
output %9, %2, %8, %10
)");
}

// A scale would have to apply to the residual and the bounds as well.
TEST(FoldBatchNorm, WhatHasAResidualOrBoundsTakesNoScale) {
  const Tensor weight = randn({4, 4, 1, 1});
  const Norm norm(4);
  Traced traced([&](const Tensor& x) { return norm(relu(conv2d(norm(conv2d(x, weight) + x), weight))); }, {1, 4, 2, 2});
  gather_fusable(traced.graph);
  fuse_epilogues(traced.graph);
  EXPECT_EQ(traced.text(), R"(input %0 [1, 4, 2, 2]
%3 = conv2d(%0, [4, 4, 1, 1], %0) +residual -> [1, 4, 2, 2]
%8 = batch_norm(%3, [4], [4], [4], [4]) -> [1, 4, 2, 2]
%10 = conv2d(%8, [4, 4, 1, 1]) +clamp(0, inf) -> [1, 4, 2, 2]
%11 = batch_norm(%10, [4], [4], [4], [4]) -> [1, 4, 2, 2]
output %11
)");
  traced.apply(fold_batch_norm, 1e-5);
  EXPECT_EQ(traced.text(), R"(input %0 [1, 4, 2, 2]
%3 = conv2d(%0, [4, 4, 1, 1], %0) +residual -> [1, 4, 2, 2]
%12 = mul(%3, [1, 4, 1, 1]) -> [1, 4, 2, 2]
%8 = add(%12, [1, 4, 1, 1]) -> [1, 4, 2, 2]
%10 = conv2d(%8, [4, 4, 1, 1]) +clamp(0, inf) -> [1, 4, 2, 2]
%15 = mul(%10, [1, 4, 1, 1]) -> [1, 4, 2, 2]
%11 = add(%15, [1, 4, 1, 1]) -> [1, 4, 2, 2]
output %11
)");
}

TEST(FoldBatchNorm, IntoAConvolutionOfGroupsWithPadding) {
  const Tensor weight = randn({4, 2, 3, 3}), bias = randn({4});
  const Norm norm(4);
  Traced traced([&](const Tensor& x) { return norm(conv2d(x, weight, bias, {.padding = 1, .groups = 2})); },
                {1, 4, 3, 3});
  gather_fusable(traced.graph);
  EXPECT_EQ(traced.text(), R"(input %0 [1, 4, 3, 3]
%3 = conv2d(%0, [4, 2, 3, 3], [4]) padding=(1, 1) groups=2 +shift -> [1, 4, 3, 3]
%8 = batch_norm(%3, [4], [4], [4], [4]) -> [1, 4, 3, 3]
output %8
)");
  traced.apply(fold_batch_norm, 1e-5);
  EXPECT_EQ(traced.text(), R"(input %0 [1, 4, 3, 3]
%8 = conv2d(%0, [4, 2, 3, 3], [4], [4]) padding=(1, 1) groups=2 +scale +shift -> [1, 4, 3, 3]
output %8
)");
}

TEST(FoldBatchNorm, RowsOfThreeDimensionsAreScaledAlongTheirChannels) {
  const Norm norm(4);
  Traced traced([&](const Tensor& x) { return norm(x); }, {2, 4, 3});
  EXPECT_EQ(traced.text(), R"(input %0 [2, 4, 3]
%5 = batch_norm(%0, [4], [4], [4], [4]) -> [2, 4, 3]
output %5
)");
  traced.apply(fold_batch_norm, 1e-5);
  EXPECT_EQ(traced.text(), R"(input %0 [2, 4, 3]
%6 = mul(%0, [1, 4, 1]) -> [2, 4, 3]
%5 = add(%6, [1, 4, 1]) -> [2, 4, 3]
output %5
)");
}

}  // namespace
}  // namespace minnow
