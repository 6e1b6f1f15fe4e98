#include <minnow/plan/passes/passes.h>

#include <gtest/gtest.h>

#include <minnow/ops/binary.h>
#include <minnow/ops/conv2d.h>
#include <minnow/ops/linear.h>
#include <minnow/ops/unary.h>

#include "plan/traced.h"

namespace minnow {
namespace {

using test::Traced;

TEST(FuseEpilogues, Relu) {
  const Tensor weight = randn({4, 4, 1, 1});
  Traced traced([&](const Tensor& x) { return relu(conv2d(x, weight)); }, {1, 4, 3, 3});
  gather_fusable(traced.graph);
  EXPECT_EQ(traced.text(), R"(input %0 [1, 4, 3, 3]
%2 = conv2d(%0, [4, 4, 1, 1]) -> [1, 4, 3, 3]
%3 = relu(%2) -> [1, 4, 3, 3]
output %3
)");
  traced.apply(fuse_epilogues, 1e-5);
  EXPECT_EQ(traced.text(), R"(input %0 [1, 4, 3, 3]
%3 = conv2d(%0, [4, 4, 1, 1]) +clamp(0, inf) -> [1, 4, 3, 3]
output %3
)");
}

TEST(FuseEpilogues, Relu6AndClampOfALinearLayer) {
  const Tensor weight = randn({4, 4});
  Traced traced([&](const Tensor& x) { return clamp(linear(relu6(linear(x, weight)), weight), -1.0, 2.0); }, {3, 4});
  gather_fusable(traced.graph);
  EXPECT_EQ(traced.text(), R"(input %0 [3, 4]
%2 = linear(%0, [4, 4]) -> [3, 4]
%3 = clamp(%2) min=0 max=6 -> [3, 4]
%4 = linear(%3, [4, 4]) -> [3, 4]
%5 = clamp(%4) min=-1 max=2 -> [3, 4]
output %5
)");
  traced.apply(fuse_epilogues, 1e-5);
  EXPECT_EQ(traced.text(), R"(input %0 [3, 4]
%3 = linear(%0, [4, 4]) +clamp(0, 6) -> [3, 4]
%5 = linear(%3, [4, 4]) +clamp(-1, 2) -> [3, 4]
output %5
)");
}

TEST(FuseEpilogues, OtherActivationsStay) {
  const Tensor weight = randn({4, 4, 1, 1});
  Traced traced([&](const Tensor& x) { return leaky_relu(sigmoid(conv2d(x, weight)), 0.1); }, {1, 4, 3, 3});
  gather_fusable(traced.graph);
  EXPECT_EQ(traced.text(), R"(input %0 [1, 4, 3, 3]
%2 = conv2d(%0, [4, 4, 1, 1]) -> [1, 4, 3, 3]
%3 = sigmoid(%2) -> [1, 4, 3, 3]
%4 = leaky_relu(%3) negative_slope=0.1 -> [1, 4, 3, 3]
output %4
)");
  traced.apply(fuse_epilogues, 1e-5);
  EXPECT_EQ(traced.text(), R"(input %0 [1, 4, 3, 3]
%2 = conv2d(%0, [4, 4, 1, 1]) -> [1, 4, 3, 3]
%3 = sigmoid(%2) -> [1, 4, 3, 3]
%4 = leaky_relu(%3) negative_slope=0.1 -> [1, 4, 3, 3]
output %4
)");
}

TEST(FuseEpilogues, TheFirstOfTwoActivationsAlone) {
  const Tensor weight = randn({4, 4, 1, 1});
  Traced traced([&](const Tensor& x) { return clamp(relu6(conv2d(x, weight)), 1.0, 2.0); }, {1, 4, 3, 3});
  gather_fusable(traced.graph);
  EXPECT_EQ(traced.text(), R"(input %0 [1, 4, 3, 3]
%2 = conv2d(%0, [4, 4, 1, 1]) -> [1, 4, 3, 3]
%3 = clamp(%2) min=0 max=6 -> [1, 4, 3, 3]
%4 = clamp(%3) min=1 max=2 -> [1, 4, 3, 3]
output %4
)");
  traced.apply(fuse_epilogues, 1e-5);
  EXPECT_EQ(traced.text(), R"(input %0 [1, 4, 3, 3]
%3 = conv2d(%0, [4, 4, 1, 1]) +clamp(0, 6) -> [1, 4, 3, 3]
%4 = clamp(%3) min=1 max=2 -> [1, 4, 3, 3]
output %4
)");
}

TEST(FuseEpilogues, AResidualThenTheActivation) {
  const Tensor weight = randn({4, 4, 1, 1});
  Traced traced([&](const Tensor& x) { return relu(conv2d(x, weight) + x); }, {1, 4, 3, 3});
  gather_fusable(traced.graph);
  EXPECT_EQ(traced.text(), R"(input %0 [1, 4, 3, 3]
%2 = conv2d(%0, [4, 4, 1, 1]) -> [1, 4, 3, 3]
%3 = add(%2, %0) -> [1, 4, 3, 3]
%4 = relu(%3) -> [1, 4, 3, 3]
output %4
)");
  traced.apply(fuse_epilogues, 1e-5);
  EXPECT_EQ(traced.text(), R"(input %0 [1, 4, 3, 3]
%4 = conv2d(%0, [4, 4, 1, 1], %0) +residual +clamp(0, inf) -> [1, 4, 3, 3]
output %4
)");
}

TEST(FuseEpilogues, FromEitherSide) {
  const Tensor weight = randn({4, 4, 1, 1});
  Traced traced([&](const Tensor& x) { return x + conv2d(x, weight); }, {1, 4, 3, 3});
  gather_fusable(traced.graph);
  EXPECT_EQ(traced.text(), R"(input %0 [1, 4, 3, 3]
%2 = conv2d(%0, [4, 4, 1, 1]) -> [1, 4, 3, 3]
%3 = add(%0, %2) -> [1, 4, 3, 3]
output %3
)");
  traced.apply(fuse_epilogues, 1e-5);
  EXPECT_EQ(traced.text(), R"(input %0 [1, 4, 3, 3]
%3 = conv2d(%0, [4, 4, 1, 1], %0) +residual -> [1, 4, 3, 3]
output %3
)");
}

TEST(FuseEpilogues, AnActivationBeforeTheAdditionStaysBeforeIt) {
  const Tensor weight = randn({4, 4, 1, 1});
  Traced traced([&](const Tensor& x) { return relu(conv2d(x, weight)) + x; }, {1, 4, 3, 3});
  gather_fusable(traced.graph);
  EXPECT_EQ(traced.text(), R"(input %0 [1, 4, 3, 3]
%2 = conv2d(%0, [4, 4, 1, 1]) -> [1, 4, 3, 3]
%3 = relu(%2) -> [1, 4, 3, 3]
%4 = add(%3, %0) -> [1, 4, 3, 3]
output %4
)");
  traced.apply(fuse_epilogues, 1e-5);
  EXPECT_EQ(traced.text(), R"(input %0 [1, 4, 3, 3]
%3 = conv2d(%0, [4, 4, 1, 1]) +clamp(0, inf) -> [1, 4, 3, 3]
%4 = add(%3, %0) -> [1, 4, 3, 3]
output %4
)");
}

TEST(FuseEpilogues, OfTwoConvolutionsTheLastTakesTheOther) {
  const Tensor first = randn({4, 4, 1, 1}), second = randn({4, 4, 1, 1});
  Traced traced(
      [&](const Tensor& x) {
        const Tensor y = conv2d(x, first);
        return conv2d(x, second) + y;
      },
      {1, 4, 3, 3});
  gather_fusable(traced.graph);
  EXPECT_EQ(traced.text(), R"(input %0 [1, 4, 3, 3]
%2 = conv2d(%0, [4, 4, 1, 1]) -> [1, 4, 3, 3]
%4 = conv2d(%0, [4, 4, 1, 1]) -> [1, 4, 3, 3]
%5 = add(%4, %2) -> [1, 4, 3, 3]
output %5
)");
  traced.apply(fuse_epilogues, 1e-5);
  EXPECT_EQ(traced.text(), R"(input %0 [1, 4, 3, 3]
%2 = conv2d(%0, [4, 4, 1, 1]) -> [1, 4, 3, 3]
%5 = conv2d(%0, [4, 4, 1, 1], %2) +residual -> [1, 4, 3, 3]
output %5
)");
}

TEST(FuseEpilogues, TheSecondResidualStaysAnAddition) {
  const Tensor weight = randn({4, 4, 1, 1});
  Traced traced([&](const Tensor& x) { return conv2d(x, weight) + x + x; }, {1, 4, 3, 3});
  gather_fusable(traced.graph);
  EXPECT_EQ(traced.text(), R"(input %0 [1, 4, 3, 3]
%2 = conv2d(%0, [4, 4, 1, 1]) -> [1, 4, 3, 3]
%3 = add(%2, %0) -> [1, 4, 3, 3]
%4 = add(%3, %0) -> [1, 4, 3, 3]
output %4
)");
  traced.apply(fuse_epilogues, 1e-5);
  EXPECT_EQ(traced.text(), R"(input %0 [1, 4, 3, 3]
%3 = conv2d(%0, [4, 4, 1, 1], %0) +residual -> [1, 4, 3, 3]
%4 = add(%3, %0) -> [1, 4, 3, 3]
output %4
)");
}

TEST(FuseEpilogues, WhatIsComputedLaterIsNoResidual) {
  const Tensor weight = randn({4, 4, 1, 1});
  Traced traced(
      [&](const Tensor& x) {
        const Tensor y = conv2d(x, weight);
        return y + exp(x);
      },
      {1, 4, 3, 3});
  gather_fusable(traced.graph);
  EXPECT_EQ(traced.text(), R"(input %0 [1, 4, 3, 3]
%2 = conv2d(%0, [4, 4, 1, 1]) -> [1, 4, 3, 3]
%3 = exp(%0) -> [1, 4, 3, 3]
%4 = add(%2, %3) -> [1, 4, 3, 3]
output %4
)");
  traced.apply(fuse_epilogues, 1e-5);
  EXPECT_EQ(traced.text(), R"(input %0 [1, 4, 3, 3]
%2 = conv2d(%0, [4, 4, 1, 1]) -> [1, 4, 3, 3]
%3 = exp(%0) -> [1, 4, 3, 3]
%4 = add(%2, %3) -> [1, 4, 3, 3]
output %4
)");
}

TEST(FuseEpilogues, ABroadcastAdditionIsNoResidual) {
  const Tensor weight = randn({4, 4, 1, 1});
  const Tensor other = randn({1, 4, 1, 1});
  Traced traced([&](const Tensor& x) { return conv2d(x, weight) + other; }, {1, 4, 3, 3});
  gather_fusable(traced.graph);
  EXPECT_EQ(traced.text(), R"(input %0 [1, 4, 3, 3]
%2 = conv2d(%0, [4, 4, 1, 1]) -> [1, 4, 3, 3]
%4 = add(%2, [1, 4, 1, 1]) -> [1, 4, 3, 3]
output %4
)");
  traced.apply(fuse_epilogues, 1e-5);
  EXPECT_EQ(traced.text(), R"(input %0 [1, 4, 3, 3]
%2 = conv2d(%0, [4, 4, 1, 1]) -> [1, 4, 3, 3]
%4 = add(%2, [1, 4, 1, 1]) -> [1, 4, 3, 3]
output %4
)");
}

TEST(FuseEpilogues, ASubtractionIsNoResidual) {
  const Tensor weight = randn({4, 4, 1, 1});
  Traced traced([&](const Tensor& x) { return conv2d(x, weight) - x; }, {1, 4, 3, 3});
  gather_fusable(traced.graph);
  EXPECT_EQ(traced.text(), R"(input %0 [1, 4, 3, 3]
%2 = conv2d(%0, [4, 4, 1, 1]) -> [1, 4, 3, 3]
%3 = sub(%2, %0) -> [1, 4, 3, 3]
output %3
)");
  traced.apply(fuse_epilogues, 1e-5);
  EXPECT_EQ(traced.text(), R"(input %0 [1, 4, 3, 3]
%2 = conv2d(%0, [4, 4, 1, 1]) -> [1, 4, 3, 3]
%3 = sub(%2, %0) -> [1, 4, 3, 3]
output %3
)");
}

TEST(FuseEpilogues, AConvolutionAddedToItselfIsLeftAlone) {
  const Tensor weight = randn({4, 4, 1, 1});
  Traced traced(
      [&](const Tensor& x) {
        const Tensor y = conv2d(x, weight);
        return y + y;
      },
      {1, 4, 3, 3});
  gather_fusable(traced.graph);
  EXPECT_EQ(traced.text(), R"(input %0 [1, 4, 3, 3]
%2 = conv2d(%0, [4, 4, 1, 1]) -> [1, 4, 3, 3]
%3 = add(%2, %2) -> [1, 4, 3, 3]
output %3
)");
  traced.apply(fuse_epilogues, 1e-5);
  EXPECT_EQ(traced.text(), R"(input %0 [1, 4, 3, 3]
%2 = conv2d(%0, [4, 4, 1, 1]) -> [1, 4, 3, 3]
%3 = add(%2, %2) -> [1, 4, 3, 3]
output %3
)");
}

TEST(FuseEpilogues, AConvolutionThatOthersReadIsLeftAlone) {
  const Tensor weight = randn({4, 4, 1, 1});
  Traced traced(
      [&](const Tensor& x) {
        const Tensor y = conv2d(x, weight);
        return relu(y) * y;
      },
      {1, 4, 3, 3});
  gather_fusable(traced.graph);
  EXPECT_EQ(traced.text(), R"(input %0 [1, 4, 3, 3]
%2 = conv2d(%0, [4, 4, 1, 1]) -> [1, 4, 3, 3]
%3 = relu(%2) -> [1, 4, 3, 3]
%4 = mul(%3, %2) -> [1, 4, 3, 3]
output %4
)");
  traced.apply(fuse_epilogues, 1e-5);
  EXPECT_EQ(traced.text(), R"(input %0 [1, 4, 3, 3]
%2 = conv2d(%0, [4, 4, 1, 1]) -> [1, 4, 3, 3]
%3 = relu(%2) -> [1, 4, 3, 3]
%4 = mul(%3, %2) -> [1, 4, 3, 3]
output %4
)");
}

}  // namespace
}  // namespace minnow
