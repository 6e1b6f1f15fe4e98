#include <minnow/plan/passes/passes.h>

#include <gtest/gtest.h>

#include <minnow/ops/binary.h>
#include <minnow/ops/compare.h>
#include <minnow/ops/dropout.h>
#include <minnow/ops/unary.h>
#include <minnow/ops/view.h>

#include "plan/traced.h"

namespace minnow {
namespace {

using test::odd_numbers;
using test::Traced;

TEST(DropIdentities, AViewOfTheSameShape) {
  Traced traced([&](const Tensor& x) { return relu(x.view({2, 3})); }, {2, 3});
  EXPECT_EQ(traced.text(), R"(input %0 [2, 3]
%1 = view(%0) shape=[2, 3] -> [2, 3]
%2 = relu(%1) -> [2, 3]
output %2
)");
  traced.apply(drop_identities);
  EXPECT_EQ(traced.text(), R"(input %0 [2, 3]
%2 = relu(%0) -> [2, 3]
output %2
)");
}

TEST(DropIdentities, AViewOfAnotherShapeStays) {
  Traced traced([&](const Tensor& x) { return relu(x.view({3, 2})); }, {2, 3});
  traced.expect_left(drop_identities, R"(input %0 [2, 3]
%1 = view(%0) shape=[3, 2] -> [3, 2]
%2 = relu(%1) -> [3, 2]
output %2
)");
}

TEST(DropIdentities, MultiplyingAndDividingByOne) {
  Traced traced([&](const Tensor& x) { return relu(x * 1.0) / 1.0; }, odd_numbers());
  EXPECT_EQ(traced.text(), R"(input %0 [11]
%1 = mul(%0) value=1 -> [11]
%2 = relu(%1) -> [11]
%3 = div(%2) value=1 -> [11]
output %3
)");
  traced.apply(drop_identities);
  EXPECT_EQ(traced.text(), R"(input %0 [11]
%2 = relu(%0) -> [11]
output %2
)");
}

TEST(DropIdentities, SubtractingZeroAndAddingMinusZero) {
  Traced traced([&](const Tensor& x) { return exp(x - 0.0) + -0.0; }, odd_numbers());
  EXPECT_EQ(traced.text(), R"(input %0 [11]
%1 = sub(%0) value=0 -> [11]
%2 = exp(%1) -> [11]
%3 = add(%2) value=-0 -> [11]
output %3
)");
  traced.apply(drop_identities);
  EXPECT_EQ(traced.text(), R"(input %0 [11]
%2 = exp(%0) -> [11]
output %2
)");
}

TEST(DropIdentities, AddingZeroStaysForItTurnsMinusZeroIntoZero) {
  Traced traced([&](const Tensor& x) { return x + 0.0; }, odd_numbers());
  traced.expect_left(drop_identities, R"(input %0 [11]
%1 = add(%0) value=0 -> [11]
output %1
)");
}

TEST(DropIdentities, SubtractingMinusZeroStaysForItDoesTheSame) {
  Traced traced([&](const Tensor& x) { return x - -0.0; }, odd_numbers());
  traced.expect_left(drop_identities, R"(input %0 [11]
%1 = sub(%0) value=-0 -> [11]
output %1
)");
}

TEST(DropIdentities, OtherFunctionsOfOneAndZeroStay) {
  Traced traced([&](const Tensor& x) { return ne(pow(x, 1.0), 0.0); }, odd_numbers());
  traced.expect_left(drop_identities, R"(input %0 [11]
%1 = pow(%0) value=1 -> [11]
%2 = ne(%1) value=0 -> [11]
output %2
)");
}

TEST(DropIdentities, AMatrixOfOnesStaysForItMayStretchTheOther) {
  const Tensor rows = ones({2, 1}), one = ones({1});
  Traced traced([&](const Tensor& x) { return x * one * rows; }, odd_numbers());
  traced.expect_left(drop_identities, R"(input %0 [11]
%2 = mul(%0, [1]) -> [11]
%4 = mul(%2, [2, 1]) -> [2, 11]
output %4
)");
}

TEST(DropIdentities, WholeNumbersAreComparedButNeverDropped) {
  Traced traced([&](const Tensor& x) { return eq(x.view({3}), 1.0); }, tensor<std::int64_t>({0, 1, 2}));
  EXPECT_EQ(traced.text(), R"(input %0 int64 [3]
%1 = view(%0) shape=[3] -> int64 [3]
%2 = eq(%1) value=1 -> [3]
output %2
)");
  traced.apply(drop_identities);
  EXPECT_EQ(traced.text(), R"(input %0 int64 [3]
%2 = eq(%0) value=1 -> [3]
output %2
)");
}

TEST(DropIdentities, TheFirstOperandOfADifferenceIsNotTheSecond) {
  Traced traced([&](const Tensor& x) { return 0.0 - 1.0 / x; }, odd_numbers());
  traced.expect_left(drop_identities, R"(input %0 [11]
%1 = div(%0) value_first value=1 -> [11]
%2 = sub(%1) value_first value=0 -> [11]
output %2
)");
}

TEST(DropIdentities, AChainOfThemLeavesTheInput) {
  Traced traced([&](const Tensor& x) { return (x.view({2}) * 1.0 - 0.0).view({2}); }, {2});
  EXPECT_EQ(traced.text(), R"(input %0 [2]
%1 = view(%0) shape=[2] -> [2]
%2 = mul(%1) value=1 -> [2]
%3 = sub(%2) value=0 -> [2]
%4 = view(%3) shape=[2] -> [2]
output %4
)");
  traced.apply(drop_identities);
  EXPECT_EQ(traced.text(), R"(input %0 [2]
output %0
)");
}

TEST(DropIdentities, ViewsThereAndBackStayForTheyCostNothing) {
  Traced traced([&](const Tensor& x) { return x.view({3, 2}).view({2, 3}); }, {2, 3});
  traced.expect_left(drop_identities, R"(input %0 [2, 3]
%1 = view(%0) shape=[3, 2] -> [3, 2]
%2 = view(%1) shape=[2, 3] -> [2, 3]
output %2
)");
}

TEST(DropIdentities, OutputsOfTheGraph) {
  Traced traced(
      [&](const Tensor& x) {
        const Tensor y = exp(x), same = y / 1.0;
        return std::vector{same * 1.0, same, y, x - 0.0};
      },
      {2});
  EXPECT_EQ(traced.text(), R"(input %0 [2]
%1 = exp(%0) -> [2]
%2 = div(%1) value=1 -> [2]
%3 = mul(%2) value=1 -> [2]
%4 = sub(%0) value=0 -> [2]
output %3, %2, %1, %4
)");
  traced.apply(drop_identities);
  EXPECT_EQ(traced.text(), R"(input %0 [2]
%1 = exp(%0) -> [2]
output %1, %1, %1, %0
)");
}

TEST(DropIdentities, OneThatTwoRead) {
  Traced traced(
      [&](const Tensor& x) {
        const Tensor same = x * 1.0;
        return same + exp(same);
      },
      {2});
  EXPECT_EQ(traced.text(), R"(input %0 [2]
%1 = mul(%0) value=1 -> [2]
%2 = exp(%1) -> [2]
%3 = add(%1, %2) -> [2]
output %3
)");
  traced.apply(drop_identities);
  EXPECT_EQ(traced.text(), R"(input %0 [2]
%2 = exp(%0) -> [2]
%3 = add(%0, %2) -> [2]
output %3
)");
}

TEST(DropIdentities, DropoutOutsideOfTraining) {
  Traced traced([&](const Tensor& x) { return relu(dropout(x, 0.5, false)); }, {2});
  traced.expect_left(drop_identities, R"(input %0 [2]
%1 = relu(%0) -> [2]
output %1
)");
}

}  // namespace
}  // namespace minnow
