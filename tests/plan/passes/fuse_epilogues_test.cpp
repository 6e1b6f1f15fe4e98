#include <minnow/plan/passes/passes.h>

#include <gtest/gtest.h>

#include <limits>

#include <minnow/ops/binary.h>
#include <minnow/ops/conv2d.h>
#include <minnow/ops/linear.h>
#include <minnow/ops/unary.h>

#include "plan/traced.h"

namespace minnow {
namespace {

using test::kNaN;
using test::odd_numbers;
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
  traced.apply(fuse_epilogues);
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
  traced.apply(fuse_epilogues);
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
  traced.expect_left(fuse_epilogues, R"(input %0 [1, 4, 3, 3]
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
  traced.apply(fuse_epilogues);
  EXPECT_EQ(traced.text(), R"(input %0 [1, 4, 3, 3]
%3 = conv2d(%0, [4, 4, 1, 1]) +clamp(0, 6) -> [1, 4, 3, 3]
%4 = clamp(%3) min=1 max=2 -> [1, 4, 3, 3]
output %4
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
  traced.expect_left(fuse_epilogues, R"(input %0 [1, 4, 3, 3]
%2 = conv2d(%0, [4, 4, 1, 1]) -> [1, 4, 3, 3]
%3 = relu(%2) -> [1, 4, 3, 3]
%4 = mul(%3, %2) -> [1, 4, 3, 3]
output %4
)");
}

TEST(FuseEpilogues, BoundsOnOneSideOrInTheWrongOrder) {
  const Tensor weight = randn({4, 4});
  constexpr double inf = std::numeric_limits<double>::infinity();
  Traced traced(
      [&](const Tensor& x) {
        const Tensor y = clamp(linear(x, weight), -inf, 0.5);
        return clamp(linear(y, weight), 0.5, -0.5);
      },
      {3, 4});
  gather_fusable(traced.graph);
  EXPECT_EQ(traced.text(), R"(input %0 [3, 4]
%2 = linear(%0, [4, 4]) -> [3, 4]
%3 = clamp(%2) min=-inf max=0.5 -> [3, 4]
%4 = linear(%3, [4, 4]) -> [3, 4]
%5 = clamp(%4) min=0.5 max=-0.5 -> [3, 4]
output %5
)");
  traced.apply(fuse_epilogues);
  EXPECT_EQ(traced.text(), R"(input %0 [3, 4]
%3 = linear(%0, [4, 4]) +clamp(-inf, 0.5) -> [3, 4]
%5 = linear(%3, [4, 4]) +clamp(0.5, -0.5) -> [3, 4]
output %5
)");
}

TEST(FuseEpilogues, NaNAndInfinityPassOnlyWhereTheActivationLetsThem) {
  const Tensor x = odd_numbers().view({11, 1});
  Traced traced([&](const Tensor& in) { return relu(linear(in, ones({1, 1}))); }, x);
  gather_fusable(traced.graph);
  EXPECT_EQ(traced.text(), R"(input %0 [11, 1]
%2 = linear(%0, [1, 1]) -> [11, 1]
%3 = relu(%2) -> [11, 1]
output %3
)");
  traced.apply(fuse_epilogues);
  EXPECT_EQ(traced.text(), R"(input %0 [11, 1]
%3 = linear(%0, [1, 1]) +clamp(0, inf) -> [11, 1]
output %3
)");
}

TEST(FuseEpilogues, BoundsThatAreNaNStay) {
  const Tensor weight = randn({4, 4});
  Traced traced([&](const Tensor& x) { return clamp(linear(x, weight), kNaN, 1.0); }, {3, 4});
  gather_fusable(traced.graph);
  traced.expect_left(fuse_epilogues, R"(input %0 [3, 4]
%2 = linear(%0, [4, 4]) -> [3, 4]
%3 = clamp(%2) min=nan max=1 -> [3, 4]
output %3
)");
}

// What a tap gives back is the value before what follows it, and after what went before it.

TEST(FuseEpilogues, NothingJoinsBeyondAnOutput) {
  const Tensor weight = randn({4, 4, 1, 1});
  Traced traced(
      [&](const Tensor& x) {
        const Tensor conv = conv2d(x, weight), active = relu(conv);
        const Tensor sum = conv2d(active, weight) + x, last = relu(sum);
        const Tensor next = relu6(conv2d(last, weight));
        return std::vector{next, conv, sum, next};
      },
      {1, 4, 3, 3});
  gather_fusable(traced.graph);
  EXPECT_EQ(traced.text(), R"(input %0 [1, 4, 3, 3]
%2 = conv2d(%0, [4, 4, 1, 1]) -> [1, 4, 3, 3]
%3 = relu(%2) -> [1, 4, 3, 3]
%4 = conv2d(%3, [4, 4, 1, 1]) -> [1, 4, 3, 3]
%5 = add(%4, %0) -> [1, 4, 3, 3]
%6 = relu(%5) -> [1, 4, 3, 3]
%7 = conv2d(%6, [4, 4, 1, 1]) -> [1, 4, 3, 3]
%8 = clamp(%7) min=0 max=6 -> [1, 4, 3, 3]
output %8, %2, %5, %8
)");
  traced.apply(fuse_epilogues);
  EXPECT_EQ(traced.text(), R"(input %0 [1, 4, 3, 3]
%2 = conv2d(%0, [4, 4, 1, 1]) -> [1, 4, 3, 3]
%3 = relu(%2) -> [1, 4, 3, 3]
%5 = conv2d(%3, [4, 4, 1, 1], %0) +residual -> [1, 4, 3, 3]
%6 = relu(%5) -> [1, 4, 3, 3]
%8 = conv2d(%6, [4, 4, 1, 1]) +clamp(0, 6) -> [1, 4, 3, 3]
output %8, %2, %5, %8
)");
}

}  // namespace
}  // namespace minnow
