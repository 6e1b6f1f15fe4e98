#include <minnow/plan/passes/passes.h>

#include <gtest/gtest.h>

#include <minnow/ops/conv2d.h>
#include <minnow/ops/linear.h>
#include <minnow/ops/view.h>

#include "plan/traced.h"

namespace minnow {
namespace {

using test::Traced;

TEST(GatherFusable, AConvolutionWithAndWithoutBias) {
  const Tensor weight = randn({4, 4, 1, 1}), bias = randn({4});
  Traced traced([&](const Tensor& x) { return conv2d(conv2d(x, weight, bias), weight); }, {1, 4, 2, 2});
  EXPECT_EQ(traced.text(), R"(input %0 [1, 4, 2, 2]
%3 = conv2d(%0, [4, 4, 1, 1], [4]) -> [1, 4, 2, 2]
%4 = conv2d(%3, [4, 4, 1, 1]) -> [1, 4, 2, 2]
output %4
)");
  traced.apply(gather_fusable);
  EXPECT_EQ(traced.text(), R"(input %0 [1, 4, 2, 2]
%3 = conv2d(%0, [4, 4, 1, 1], [4]) +shift -> [1, 4, 2, 2]
%4 = conv2d(%3, [4, 4, 1, 1]) -> [1, 4, 2, 2]
output %4
)");
}

TEST(GatherFusable, ALinearLayerOfRows) {
  const Tensor weight = randn({5, 4}), bias = randn({5});
  Traced traced([&](const Tensor& x) { return linear(x, weight, bias); }, {3, 4});
  EXPECT_EQ(traced.text(), R"(input %0 [3, 4]
%3 = linear(%0, [5, 4], [5]) -> [3, 5]
output %3
)");
  traced.apply(gather_fusable);
  EXPECT_EQ(traced.text(), R"(input %0 [3, 4]
%3 = linear(%0, [5, 4], [5]) +shift -> [3, 5]
output %3
)");
}

TEST(GatherFusable, ALinearLayerOfMoreDimensionsIsNoConvolution) {
  const Tensor weight = randn({5, 4}), bias = randn({5});
  Traced traced([&](const Tensor& x) { return linear(x, weight, bias); }, {2, 3, 4});
  traced.expect_left(gather_fusable, R"(input %0 [2, 3, 4]
%3 = linear(%0, [5, 4], [5]) -> [2, 3, 5]
output %3
)");
}

TEST(GatherFusable, AnImageWithoutABatchIsLeftAlone) {
  const Tensor weight = randn({4, 4, 1, 1});
  Traced traced([&](const Tensor& x) { return conv2d(x, weight); }, {4, 2, 2});
  traced.expect_left(gather_fusable, R"(input %0 [4, 2, 2]
%2 = conv2d(%0, [4, 4, 1, 1]) -> [4, 2, 2]
output %2
)");
}

TEST(GatherFusable, WeightsThatTheInputDecidesCannotBePacked) {
  const Tensor rows = randn({3, 4});
  Traced traced([&](const Tensor& x) { return linear(rows, x); }, {5, 4});
  traced.expect_left(gather_fusable, R"(input %0 [5, 4]
%2 = linear([3, 4], %0) -> [3, 5]
output %2
)");
}

TEST(GatherFusable, ABiasThatTheInputDecidesCannotEither) {
  const Tensor weight = randn({4, 4, 1, 1});
  Traced traced([&](const Tensor& x) { return conv2d(x, weight, x.view({4})); }, {1, 4, 1, 1});
  traced.expect_left(gather_fusable, R"(input %0 [1, 4, 1, 1]
%1 = view(%0) shape=[4] -> [4]
%3 = conv2d(%0, [4, 4, 1, 1], %1) -> [1, 4, 1, 1]
output %3
)");
}

}  // namespace
}  // namespace minnow
