#include <minnow/plan/passes/passes.h>

#include <gtest/gtest.h>

#include <minnow/ops/binary.h>
#include <minnow/ops/conv2d.h>
#include <minnow/ops/unary.h>

#include "plan/traced.h"

namespace minnow {
namespace {

using test::Traced;

TEST(FuseResiduals, AResidualThenTheActivation) {
  const Tensor weight = randn({4, 4, 1, 1});
  Traced traced([&](const Tensor& x) { return relu(conv2d(x, weight) + x); }, {1, 4, 3, 3});
  gather_fusable(traced.graph);
  EXPECT_EQ(traced.text(), R"(input %0 [1, 4, 3, 3]
%2 = conv2d(%0, [4, 4, 1, 1]) -> [1, 4, 3, 3]
%3 = add(%2, %0) -> [1, 4, 3, 3]
%4 = relu(%3) -> [1, 4, 3, 3]
output %4
)");
  traced.apply(fuse_epilogues);
  EXPECT_EQ(traced.text(), R"(input %0 [1, 4, 3, 3]
%4 = conv2d(%0, [4, 4, 1, 1], %0) +residual +clamp(0, inf) -> [1, 4, 3, 3]
output %4
)");
}

TEST(FuseResiduals, FromEitherSide) {
  const Tensor weight = randn({4, 4, 1, 1});
  Traced traced([&](const Tensor& x) { return x + conv2d(x, weight); }, {1, 4, 3, 3});
  gather_fusable(traced.graph);
  EXPECT_EQ(traced.text(), R"(input %0 [1, 4, 3, 3]
%2 = conv2d(%0, [4, 4, 1, 1]) -> [1, 4, 3, 3]
%3 = add(%0, %2) -> [1, 4, 3, 3]
output %3
)");
  traced.apply(fuse_epilogues);
  EXPECT_EQ(traced.text(), R"(input %0 [1, 4, 3, 3]
%3 = conv2d(%0, [4, 4, 1, 1], %0) +residual -> [1, 4, 3, 3]
output %3
)");
}

TEST(FuseResiduals, AnActivationBeforeTheAdditionStaysBeforeIt) {
  const Tensor weight = randn({4, 4, 1, 1});
  Traced traced([&](const Tensor& x) { return relu(conv2d(x, weight)) + x; }, {1, 4, 3, 3});
  gather_fusable(traced.graph);
  EXPECT_EQ(traced.text(), R"(input %0 [1, 4, 3, 3]
%2 = conv2d(%0, [4, 4, 1, 1]) -> [1, 4, 3, 3]
%3 = relu(%2) -> [1, 4, 3, 3]
%4 = add(%3, %0) -> [1, 4, 3, 3]
output %4
)");
  traced.apply(fuse_epilogues);
  EXPECT_EQ(traced.text(), R"(input %0 [1, 4, 3, 3]
%3 = conv2d(%0, [4, 4, 1, 1]) +clamp(0, inf) -> [1, 4, 3, 3]
%4 = add(%3, %0) -> [1, 4, 3, 3]
output %4
)");
}

TEST(FuseResiduals, OfTwoConvolutionsTheLastTakesTheOther) {
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
  traced.apply(fuse_epilogues);
  EXPECT_EQ(traced.text(), R"(input %0 [1, 4, 3, 3]
%2 = conv2d(%0, [4, 4, 1, 1]) -> [1, 4, 3, 3]
%5 = conv2d(%0, [4, 4, 1, 1], %2) +residual -> [1, 4, 3, 3]
output %5
)");
}

TEST(FuseResiduals, TheSecondResidualStaysAnAddition) {
  const Tensor weight = randn({4, 4, 1, 1});
  Traced traced([&](const Tensor& x) { return conv2d(x, weight) + x + x; }, {1, 4, 3, 3});
  gather_fusable(traced.graph);
  EXPECT_EQ(traced.text(), R"(input %0 [1, 4, 3, 3]
%2 = conv2d(%0, [4, 4, 1, 1]) -> [1, 4, 3, 3]
%3 = add(%2, %0) -> [1, 4, 3, 3]
%4 = add(%3, %0) -> [1, 4, 3, 3]
output %4
)");
  traced.apply(fuse_epilogues);
  EXPECT_EQ(traced.text(), R"(input %0 [1, 4, 3, 3]
%3 = conv2d(%0, [4, 4, 1, 1], %0) +residual -> [1, 4, 3, 3]
%4 = add(%3, %0) -> [1, 4, 3, 3]
output %4
)");
}

TEST(FuseResiduals, AConvolutionMovesBehindAResidualThatIsComputedLater) {
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
  traced.apply(fuse_epilogues);
  EXPECT_EQ(traced.text(), R"(input %0 [1, 4, 3, 3]
%3 = exp(%0) -> [1, 4, 3, 3]
%4 = conv2d(%0, [4, 4, 1, 1], %3) +residual -> [1, 4, 3, 3]
output %4
)");
}

TEST(FuseResiduals, ABroadcastAdditionIsNoResidual) {
  const Tensor weight = randn({4, 4, 1, 1});
  const Tensor other = randn({1, 4, 1, 1});
  Traced traced([&](const Tensor& x) { return conv2d(x, weight) + other; }, {1, 4, 3, 3});
  gather_fusable(traced.graph);
  traced.expect_left(fuse_epilogues, R"(input %0 [1, 4, 3, 3]
%2 = conv2d(%0, [4, 4, 1, 1]) -> [1, 4, 3, 3]
%4 = add(%2, [1, 4, 1, 1]) -> [1, 4, 3, 3]
output %4
)");
}

TEST(FuseResiduals, ASubtractionIsNoResidual) {
  const Tensor weight = randn({4, 4, 1, 1});
  Traced traced([&](const Tensor& x) { return conv2d(x, weight) - x; }, {1, 4, 3, 3});
  gather_fusable(traced.graph);
  traced.expect_left(fuse_epilogues, R"(input %0 [1, 4, 3, 3]
%2 = conv2d(%0, [4, 4, 1, 1]) -> [1, 4, 3, 3]
%3 = sub(%2, %0) -> [1, 4, 3, 3]
output %3
)");
}

TEST(FuseResiduals, AConvolutionAddedToItselfIsLeftAlone) {
  const Tensor weight = randn({4, 4, 1, 1});
  Traced traced(
      [&](const Tensor& x) {
        const Tensor y = conv2d(x, weight);
        return y + y;
      },
      {1, 4, 3, 3});
  gather_fusable(traced.graph);
  traced.expect_left(fuse_epilogues, R"(input %0 [1, 4, 3, 3]
%2 = conv2d(%0, [4, 4, 1, 1]) -> [1, 4, 3, 3]
%3 = add(%2, %2) -> [1, 4, 3, 3]
output %3
)");
}

TEST(FuseResiduals, ASumOfThreeConvolutionsIsStrungTogether) {
  const Tensor first = randn({4, 4, 1, 1}), second = randn({4, 4, 1, 1}), third = randn({4, 4, 1, 1});
  Traced traced(
      [&](const Tensor& x) {
        const Tensor a = conv2d(x, first), b = conv2d(x, second), c = conv2d(x, third);
        const Tensor sum = b + c;
        return relu(a + sum);
      },
      {1, 4, 3, 3});
  gather_fusable(traced.graph);
  EXPECT_EQ(traced.text(), R"(input %0 [1, 4, 3, 3]
%2 = conv2d(%0, [4, 4, 1, 1]) -> [1, 4, 3, 3]
%4 = conv2d(%0, [4, 4, 1, 1]) -> [1, 4, 3, 3]
%6 = conv2d(%0, [4, 4, 1, 1]) -> [1, 4, 3, 3]
%7 = add(%4, %6) -> [1, 4, 3, 3]
%8 = add(%2, %7) -> [1, 4, 3, 3]
%9 = relu(%8) -> [1, 4, 3, 3]
output %9
)");
  // The third takes the second and is full; the first takes their sum.
  traced.apply(fuse_epilogues);
  EXPECT_EQ(traced.text(), R"(input %0 [1, 4, 3, 3]
%4 = conv2d(%0, [4, 4, 1, 1]) -> [1, 4, 3, 3]
%7 = conv2d(%0, [4, 4, 1, 1], %4) +residual -> [1, 4, 3, 3]
%9 = conv2d(%0, [4, 4, 1, 1], %7) +residual +clamp(0, inf) -> [1, 4, 3, 3]
output %9
)");
}

TEST(FuseResiduals, OfTwoConvolutionsTheOneThatOthersReadIsTheResidual) {
  const Tensor first = randn({4, 4, 1, 1}), second = randn({4, 4, 1, 1});
  Traced traced(
      [&](const Tensor& x) {
        const Tensor a = conv2d(x, first), b = conv2d(x, second);
        const Tensor sum = a + b;
        return std::vector{relu(sum), a};
      },
      {1, 4, 3, 3});
  gather_fusable(traced.graph);
  EXPECT_EQ(traced.text(), R"(input %0 [1, 4, 3, 3]
%2 = conv2d(%0, [4, 4, 1, 1]) -> [1, 4, 3, 3]
%4 = conv2d(%0, [4, 4, 1, 1]) -> [1, 4, 3, 3]
%5 = add(%2, %4) -> [1, 4, 3, 3]
%6 = relu(%5) -> [1, 4, 3, 3]
output %6, %2
)");
  traced.apply(fuse_epilogues);
  EXPECT_EQ(traced.text(), R"(input %0 [1, 4, 3, 3]
%2 = conv2d(%0, [4, 4, 1, 1]) -> [1, 4, 3, 3]
%6 = conv2d(%0, [4, 4, 1, 1], %2) +residual +clamp(0, inf) -> [1, 4, 3, 3]
output %6, %2
)");
}

TEST(FuseResiduals, TheFirstOfTwoConvolutionsTakesTheLastWhereOthersReadThat) {
  const Tensor first = randn({4, 4, 1, 1}), second = randn({4, 4, 1, 1});
  Traced traced(
      [&](const Tensor& x) {
        const Tensor a = conv2d(x, first), b = conv2d(x, second);
        return std::vector{a + b, b};
      },
      {1, 4, 3, 3});
  gather_fusable(traced.graph);
  EXPECT_EQ(traced.text(), R"(input %0 [1, 4, 3, 3]
%2 = conv2d(%0, [4, 4, 1, 1]) -> [1, 4, 3, 3]
%4 = conv2d(%0, [4, 4, 1, 1]) -> [1, 4, 3, 3]
%5 = add(%2, %4) -> [1, 4, 3, 3]
output %5, %4
)");
  traced.apply(fuse_epilogues);
  EXPECT_EQ(traced.text(), R"(input %0 [1, 4, 3, 3]
%4 = conv2d(%0, [4, 4, 1, 1]) -> [1, 4, 3, 3]
%5 = conv2d(%0, [4, 4, 1, 1], %4) +residual -> [1, 4, 3, 3]
output %5, %4
)");
}

TEST(FuseResiduals, AnActivatedConvolutionIsAResidualButTakesNone) {
  const Tensor first = randn({4, 4, 1, 1}), second = randn({4, 4, 1, 1});
  Traced traced(
      [&](const Tensor& x) {
        const Tensor a = conv2d(x, first), b = relu(conv2d(x, second));
        return std::vector{a + b};
      },
      {1, 4, 3, 3});
  gather_fusable(traced.graph);
  EXPECT_EQ(traced.text(), R"(input %0 [1, 4, 3, 3]
%2 = conv2d(%0, [4, 4, 1, 1]) -> [1, 4, 3, 3]
%4 = conv2d(%0, [4, 4, 1, 1]) -> [1, 4, 3, 3]
%5 = relu(%4) -> [1, 4, 3, 3]
%6 = add(%2, %5) -> [1, 4, 3, 3]
output %6
)");
  traced.apply(fuse_epilogues);
  EXPECT_EQ(traced.text(), R"(input %0 [1, 4, 3, 3]
%5 = conv2d(%0, [4, 4, 1, 1]) +clamp(0, inf) -> [1, 4, 3, 3]
%6 = conv2d(%0, [4, 4, 1, 1], %5) +residual -> [1, 4, 3, 3]
output %6
)");
}

TEST(FuseResiduals, AConvolutionThatTheSumStretchesTakesNoResidual) {
  const Tensor one = randn({1, 4, 1, 1});
  Traced traced([&](const Tensor& x) { return conv2d(x, one) + x; }, {1, 4, 3, 3});
  gather_fusable(traced.graph);
  traced.expect_left(fuse_epilogues, R"(input %0 [1, 4, 3, 3]
%2 = conv2d(%0, [1, 4, 1, 1]) -> [1, 1, 3, 3]
%3 = add(%2, %0) -> [1, 4, 3, 3]
output %3
)");
}

}  // namespace
}  // namespace minnow
