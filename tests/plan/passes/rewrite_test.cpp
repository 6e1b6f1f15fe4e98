#include <minnow/plan/passes/passes.h>

#include <gtest/gtest.h>

#include <random>

#include <minnow/core/random.h>
#include <minnow/ops/adaptive_avg_pool2d.h>
#include <minnow/ops/binary.h>
#include <minnow/ops/conv2d.h>
#include <minnow/ops/dropout.h>
#include <minnow/ops/linear.h>
#include <minnow/ops/unary.h>
#include <minnow/ops/view.h>

#include "plan/random_outputs.h"
#include "plan/traced.h"

namespace minnow {
namespace {

using test::Norm;
using test::Traced;

TEST(Rewrite, ABasicBlockBecomesTwoConvolutions) {
  const Tensor first = randn({4, 4, 3, 3}), second = randn({4, 4, 3, 3});
  const Norm norm1(4), norm2(4);
  Traced traced(
      [&](const Tensor& x) {
        Tensor y = relu(norm1(conv2d(x, first, {}, {.padding = 1})));
        y = norm2(conv2d(y, second, {}, {.padding = 1}));
        y += x;
        return relu(y);
      },
      {1, 4, 5, 5});
  EXPECT_EQ(traced.text(), R"(input %0 [1, 4, 5, 5]
%2 = conv2d(%0, [4, 4, 3, 3]) padding=(1, 1) -> [1, 4, 5, 5]
%7 = batch_norm(%2, [4], [4], [4], [4]) -> [1, 4, 5, 5]
%8 = relu(%7) -> [1, 4, 5, 5]
%10 = conv2d(%8, [4, 4, 3, 3]) padding=(1, 1) -> [1, 4, 5, 5]
%15 = batch_norm(%10, [4], [4], [4], [4]) -> [1, 4, 5, 5]
%16 = add(%15, %0) -> [1, 4, 5, 5]
%17 = relu(%16) -> [1, 4, 5, 5]
output %17
)");
  traced.apply([](Graph& graph) { rewrite(graph, {}); }, 1e-5);
  EXPECT_EQ(traced.text(), R"(input %0 [1, 4, 5, 5]
%8 = conv2d(%0, [4, 4, 3, 3], [4], [4]) padding=(1, 1) +scale +shift +clamp(0, inf) -> [1, 4, 5, 5]
%17 = conv2d(%8, [4, 4, 3, 3], [4], [4], %0) padding=(1, 1) +scale +shift +residual +clamp(0, inf) -> [1, 4, 5, 5]
output %17
)");
}

TEST(Rewrite, AClassifierAsPlansRunIt) {
  const Tensor weight = randn({4, 3, 3, 3}), head = randn({5, 4}), bias = randn({5});
  const Norm norm(4);
  Traced traced(
      [&](const Tensor& x) {
        const Tensor y = adaptive_avg_pool2d(relu(norm(conv2d(x, weight))), 1);
        return linear(dropout(y.view({y.dim(0), -1}), 0.5, false), head, bias);
      },
      {2, 3, 6, 6});
  EXPECT_EQ(traced.text(), R"(input %0 [2, 3, 6, 6]
%2 = conv2d(%0, [4, 3, 3, 3]) -> [2, 4, 4, 4]
%7 = batch_norm(%2, [4], [4], [4], [4]) -> [2, 4, 4, 4]
%8 = relu(%7) -> [2, 4, 4, 4]
%9 = adaptive_avg_pool2d(%8) output_size=(1, 1) -> [2, 4, 1, 1]
%10 = view(%9) shape=[2, -1] -> [2, 4]
%13 = linear(%10, [5, 4], [5]) -> [2, 5]
output %13
)");
  traced.apply([](Graph& graph) { rewrite(graph, {}); }, 1e-5);
  EXPECT_EQ(traced.text(), R"(input %0 [2, 3, 6, 6]
%8 = conv2d(%0, [4, 3, 3, 3], [4], [4]) +scale +shift +clamp(0, inf) -> [2, 4, 4, 4]
%9 = adaptive_avg_pool2d(%8) output_size=(1, 1) -> [2, 4, 1, 1]
%10 = view(%9) shape=[2, -1] -> [2, 4]
%13 = linear(%10, [5, 4], [5]) +shift -> [2, 5]
output %13
)");
}

TEST(Rewrite, WhatNobodyNeedsIsDropped) {
  const Tensor weight = randn({4, 4, 1, 1});
  Traced traced(
      [&](const Tensor& x) {
        (void)relu(conv2d(x, weight));
        return exp(x);
      },
      {1, 4, 3, 3});
  EXPECT_EQ(traced.text(), R"(input %0 [1, 4, 3, 3]
%2 = conv2d(%0, [4, 4, 1, 1]) -> [1, 4, 3, 3]
%3 = relu(%2) -> [1, 4, 3, 3]
%4 = exp(%0) -> [1, 4, 3, 3]
output %4
)");
  traced.apply([](Graph& graph) { rewrite(graph, {}); }, 1e-5);
  EXPECT_EQ(traced.text(), R"(input %0 [1, 4, 3, 3]
%4 = exp(%0) -> [1, 4, 3, 3]
output %4
)");
}

TEST(Rewrite, EachSwitchTakesItsPassOut) {
  const Tensor weight = randn({4, 4, 1, 1});
  const Norm norm(4);
  const auto rewritten = [&](const PlanOptions& options) {
    Traced traced([&](const Tensor& x) { return relu(norm(conv2d(x * 1.0, weight))); }, {1, 4, 3, 3});
    traced.apply([&](Graph& graph) { rewrite(graph, options); }, 1e-5);
    return traced.text();
  };
  EXPECT_EQ(rewritten({.drop_identities = false}), R"(input %0 [1, 4, 3, 3]
%1 = mul(%0) value=1 -> [1, 4, 3, 3]
%9 = conv2d(%1, [4, 4, 1, 1], [4], [4]) +scale +shift +clamp(0, inf) -> [1, 4, 3, 3]
output %9
)");
  EXPECT_EQ(rewritten({.fold_batch_norm = false}), R"(input %0 [1, 4, 3, 3]
%3 = conv2d(%0, [4, 4, 1, 1]) -> [1, 4, 3, 3]
%8 = batch_norm(%3, [4], [4], [4], [4]) -> [1, 4, 3, 3]
%9 = relu(%8) -> [1, 4, 3, 3]
output %9
)");
  EXPECT_EQ(rewritten({.fuse = false}), R"(input %0 [1, 4, 3, 3]
%8 = conv2d(%0, [4, 4, 1, 1], [4], [4]) +scale +shift -> [1, 4, 3, 3]
%9 = relu(%8) -> [1, 4, 3, 3]
output %9
)");
}

TEST(Rewrite, ADownsamplingBlockAndTheTapWithinIt) {
  const Tensor first = randn({8, 4, 3, 3}), second = randn({8, 8, 3, 3}), shortcut = randn({8, 4, 1, 1});
  const Norm norm1(8), norm2(8), norm3(8);
  Traced traced(
      [&](const Tensor& x) {
        const Tensor inner = relu(norm1(conv2d(x, first, {}, {.stride = 2, .padding = 1})));
        const Tensor y = norm2(conv2d(inner, second, {}, {.padding = 1}));
        return std::vector{relu(y + norm3(conv2d(x, shortcut, {}, {.stride = 2}))), y};
      },
      {1, 4, 6, 6});
  EXPECT_EQ(traced.text(), R"(input %0 [1, 4, 6, 6]
%2 = conv2d(%0, [8, 4, 3, 3]) stride=(2, 2) padding=(1, 1) -> [1, 8, 3, 3]
%7 = batch_norm(%2, [8], [8], [8], [8]) -> [1, 8, 3, 3]
%8 = relu(%7) -> [1, 8, 3, 3]
%10 = conv2d(%8, [8, 8, 3, 3]) padding=(1, 1) -> [1, 8, 3, 3]
%15 = batch_norm(%10, [8], [8], [8], [8]) -> [1, 8, 3, 3]
%17 = conv2d(%0, [8, 4, 1, 1]) stride=(2, 2) -> [1, 8, 3, 3]
%22 = batch_norm(%17, [8], [8], [8], [8]) -> [1, 8, 3, 3]
%23 = add(%15, %22) -> [1, 8, 3, 3]
%24 = relu(%23) -> [1, 8, 3, 3]
output %24, %15
)");
  traced.apply([](Graph& graph) { rewrite(graph, {}); }, 1e-5);
  EXPECT_EQ(traced.text(), R"(input %0 [1, 4, 6, 6]
%8 = conv2d(%0, [8, 4, 3, 3], [8], [8]) stride=(2, 2) padding=(1, 1) +scale +shift +clamp(0, inf) -> [1, 8, 3, 3]
%15 = conv2d(%8, [8, 8, 3, 3], [8], [8]) padding=(1, 1) +scale +shift -> [1, 8, 3, 3]
%24 = conv2d(%0, [8, 4, 1, 1], [8], [8], %15) stride=(2, 2) +scale +shift +residual +clamp(0, inf) -> [1, 8, 3, 3]
output %24, %15
)");
}

TEST(Rewrite, OfADownsamplingBlockTheConvolutionComputedLastTakesTheResidual) {
  const Tensor first = randn({8, 4, 3, 3}), second = randn({8, 8, 3, 3}), shortcut = randn({8, 4, 1, 1});
  for (const bool shortcut_first : {false, true}) {
    const auto beside = [&](const Tensor& x) { return conv2d(x, shortcut, {}, {.stride = 2}); };
    Traced traced(
        [&](const Tensor& x) {
          const Tensor early = shortcut_first ? beside(x) : Tensor();
          const Tensor inner = relu(conv2d(x, first, {}, {.stride = 2, .padding = 1}));
          const Tensor y = conv2d(inner, second, {}, {.padding = 1});
          return relu(y + (shortcut_first ? early : beside(x)));
        },
        {1, 4, 6, 6});
    traced.apply([](Graph& graph) { rewrite(graph, {}); }, 1e-5);
    EXPECT_EQ(traced.text(), shortcut_first ? R"(input %0 [1, 4, 6, 6]
%2 = conv2d(%0, [8, 4, 1, 1]) stride=(2, 2) -> [1, 8, 3, 3]
%5 = conv2d(%0, [8, 4, 3, 3]) stride=(2, 2) padding=(1, 1) +clamp(0, inf) -> [1, 8, 3, 3]
%9 = conv2d(%5, [8, 8, 3, 3], %2) padding=(1, 1) +residual +clamp(0, inf) -> [1, 8, 3, 3]
output %9
)"
                                            : R"(input %0 [1, 4, 6, 6]
%3 = conv2d(%0, [8, 4, 3, 3]) stride=(2, 2) padding=(1, 1) +clamp(0, inf) -> [1, 8, 3, 3]
%5 = conv2d(%3, [8, 8, 3, 3]) padding=(1, 1) -> [1, 8, 3, 3]
%9 = conv2d(%0, [8, 4, 1, 1], %5) stride=(2, 2) +residual +clamp(0, inf) -> [1, 8, 3, 3]
output %9
)");
  }
}

TEST(Rewrite, GraphsAtRandomGiveTheSameAfterEachPass) {
  for (unsigned seed = 0; seed < 60; ++seed) {
    Traced traced(
        [&](const Tensor& x) {
          manual_seed(seed);
          std::mt19937 random(seed);
          return test::random_outputs(x, random);
        },
        {2, 4, 3, 3});
    SCOPED_TRACE(testing::Message() << "seed " << seed << '\n' << traced.text());
    traced.apply(drop_identities);
    traced.apply(gather_fusable);
    traced.apply(fold_batch_norm, 1e-4);
    traced.apply(fuse_epilogues, 1e-4);
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace minnow
