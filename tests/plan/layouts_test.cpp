#include <minnow/plan/lowered.h>

#include <gtest/gtest.h>

#include <minnow/ops/binary.h>
#include <minnow/ops/cat.h>
#include <minnow/ops/conv2d.h>
#include <minnow/ops/kernels.h>
#include <minnow/ops/linear.h>
#include <minnow/ops/max_pool2d.h>
#include <minnow/ops/softmax.h>
#include <minnow/ops/unary.h>
#include <minnow/ops/view.h>
#include <minnow/plan/fused.h>

#include "plan/laid.h"

namespace minnow {
namespace {

using test::conv, test::Laid;

TEST(Layouts, AChainOfConvolutionsIsReorderedAtItsEndsAlone) {
  const Laid laid([](const Tensor& x) { return relu(conv(max_pool2d(relu(conv(x)), 2))); }, {1, 32, 8, 8});
  EXPECT_EQ(laid.before, R"(input %0 [1, 32, 8, 8]
%3 = conv2d(%0, [32, 32, 3, 3]) padding=(1, 1) +clamp(0, inf) -> [1, 32, 8, 8]
%4 = max_pool2d(%3) kernel_size=(2, 2) stride=(2, 2) -> [1, 32, 4, 4]
%6 = conv2d(%4, [32, 32, 3, 3]) padding=(1, 1) +clamp(0, inf) -> [1, 32, 4, 4]
output %6
)");
  EXPECT_EQ(laid.after, R"(input %0 [1, 32, 8, 8]
%7 = reorder(%0) plain to NCHWc -> [1, 32, 8, 8]  : plain -> NCHWc
%3 = conv2d(%7, [32, 32, 3, 3]) padding=(1, 1) +clamp(0, inf) -> [1, 32, 8, 8]  : NCHWc plain -> NCHWc
%4 = max_pool2d(%3) kernel_size=(2, 2) stride=(2, 2) -> [1, 32, 4, 4]  : NCHWc -> NCHWc
%6 = conv2d(%4, [32, 32, 3, 3]) padding=(1, 1) +clamp(0, inf) -> [1, 32, 4, 4]  : NCHWc plain -> NCHWc
%8 = reorder(%6) NCHWc to plain -> [1, 32, 4, 4]  : NCHWc -> plain
output %8
)");
}

TEST(Layouts, AFewChannelsAreReadWhereTheyLie) {
  const Tensor weight = randn({32, 3, 3, 3});
  const Laid laid([&](const Tensor& x) { return conv(conv2d(x, weight)); }, {1, 3, 8, 8});
  EXPECT_EQ(laid.before, R"(input %0 [1, 3, 8, 8]
%2 = conv2d(%0, [32, 3, 3, 3]) -> [1, 32, 6, 6]
%4 = conv2d(%2, [32, 32, 3, 3]) padding=(1, 1) -> [1, 32, 6, 6]
output %4
)");
  EXPECT_EQ(laid.after, R"(input %0 [1, 3, 8, 8]
%2 = conv2d(%0, [32, 3, 3, 3]) -> [1, 32, 6, 6]  : plain plain -> NCHWc
%4 = conv2d(%2, [32, 32, 3, 3]) padding=(1, 1) -> [1, 32, 6, 6]  : NCHWc plain -> NCHWc
%5 = reorder(%4) NCHWc to plain -> [1, 32, 6, 6]  : NCHWc -> plain
output %5
)");
}

TEST(Layouts, OpsThatTreatChannelsAlikeRunInBlocks) {
  const Laid laid([](const Tensor& x) { return exp(conv(x)) * 2.0; }, {1, 32, 4, 4});
  EXPECT_EQ(laid.before, R"(input %0 [1, 32, 4, 4]
%2 = conv2d(%0, [32, 32, 3, 3]) padding=(1, 1) -> [1, 32, 4, 4]
%3 = exp(%2) -> [1, 32, 4, 4]
%4 = mul(%3) value=2 -> [1, 32, 4, 4]
output %4
)");
  EXPECT_EQ(laid.after, R"(input %0 [1, 32, 4, 4]
%5 = reorder(%0) plain to NCHWc -> [1, 32, 4, 4]  : plain -> NCHWc
%2 = conv2d(%5, [32, 32, 3, 3]) padding=(1, 1) -> [1, 32, 4, 4]  : NCHWc plain -> NCHWc
%3 = exp(%2) -> [1, 32, 4, 4]  : NCHWc -> NCHWc
%4 = mul(%3) value=2 -> [1, 32, 4, 4]  : NCHWc -> NCHWc
%6 = reorder(%4) NCHWc to plain -> [1, 32, 4, 4]  : NCHWc -> plain
output %6
)");
}

TEST(Layouts, OthersRunPlain) {
  const Laid laid([](const Tensor& x) { return conv(softmax(conv(x), 1)); }, {1, 32, 4, 4});
  EXPECT_EQ(laid.before, R"(input %0 [1, 32, 4, 4]
%2 = conv2d(%0, [32, 32, 3, 3]) padding=(1, 1) -> [1, 32, 4, 4]
%3 = softmax(%2) dim=1 -> [1, 32, 4, 4]
%4 = conv2d(%3, [32, 32, 3, 3]) padding=(1, 1) -> [1, 32, 4, 4]
output %4
)");
  EXPECT_EQ(laid.after, R"(input %0 [1, 32, 4, 4]
%5 = reorder(%0) plain to NCHWc -> [1, 32, 4, 4]  : plain -> NCHWc
%2 = conv2d(%5, [32, 32, 3, 3]) padding=(1, 1) -> [1, 32, 4, 4]  : NCHWc plain -> NCHWc
%6 = reorder(%2) NCHWc to plain -> [1, 32, 4, 4]  : NCHWc -> plain
%3 = softmax(%6) dim=1 -> [1, 32, 4, 4]  : plain -> plain
%7 = reorder(%3) plain to NCHWc -> [1, 32, 4, 4]  : plain -> NCHWc
%4 = conv2d(%7, [32, 32, 3, 3]) padding=(1, 1) -> [1, 32, 4, 4]  : NCHWc plain -> NCHWc
%8 = reorder(%4) NCHWc to plain -> [1, 32, 4, 4]  : NCHWc -> plain
output %8
)");
}

TEST(Layouts, WhereNothingLiesInBlocksNothingIsBroughtThere) {
  const Laid laid([](const Tensor& x) { return exp(x) + x; }, {1, 32, 4, 4});
  EXPECT_EQ(laid.before, R"(input %0 [1, 32, 4, 4]
%1 = exp(%0) -> [1, 32, 4, 4]
%2 = add(%1, %0) -> [1, 32, 4, 4]
output %2
)");
  EXPECT_EQ(laid.after, R"(input %0 [1, 32, 4, 4]
%1 = exp(%0) -> [1, 32, 4, 4]  : plain -> plain
%2 = add(%1, %0) -> [1, 32, 4, 4]  : plain plain -> plain
output %2
)");
}

TEST(Layouts, AValueThatTwoReadPlainIsReorderedOnce) {
  const Laid laid(
      [](const Tensor& x) {
        const Tensor y = conv(x), rows = softmax(y, 1);
        return rows * softmax(y, 2);
      },
      {1, 32, 4, 4});
  EXPECT_EQ(laid.before, R"(input %0 [1, 32, 4, 4]
%2 = conv2d(%0, [32, 32, 3, 3]) padding=(1, 1) -> [1, 32, 4, 4]
%3 = softmax(%2) dim=1 -> [1, 32, 4, 4]
%4 = softmax(%2) dim=2 -> [1, 32, 4, 4]
%5 = mul(%3, %4) -> [1, 32, 4, 4]
output %5
)");
  EXPECT_EQ(laid.after, R"(input %0 [1, 32, 4, 4]
%6 = reorder(%0) plain to NCHWc -> [1, 32, 4, 4]  : plain -> NCHWc
%2 = conv2d(%6, [32, 32, 3, 3]) padding=(1, 1) -> [1, 32, 4, 4]  : NCHWc plain -> NCHWc
%7 = reorder(%2) NCHWc to plain -> [1, 32, 4, 4]  : NCHWc -> plain
%3 = softmax(%7) dim=1 -> [1, 32, 4, 4]  : plain -> plain
%4 = softmax(%7) dim=2 -> [1, 32, 4, 4]  : plain -> plain
%5 = mul(%3, %4) -> [1, 32, 4, 4]  : plain plain -> plain
output %5
)");
}

TEST(Layouts, TheInputAsAResidualIsReorderedOnce) {
  const Laid laid([](const Tensor& x) { return conv(x) + x; }, {1, 32, 4, 4});
  EXPECT_EQ(laid.before, R"(input %0 [1, 32, 4, 4]
%3 = conv2d(%0, [32, 32, 3, 3], %0) padding=(1, 1) +residual -> [1, 32, 4, 4]
output %3
)");
  EXPECT_EQ(laid.after, R"(input %0 [1, 32, 4, 4]
%4 = reorder(%0) plain to NCHWc -> [1, 32, 4, 4]  : plain -> NCHWc
%3 = conv2d(%4, [32, 32, 3, 3], %4) padding=(1, 1) +residual -> [1, 32, 4, 4]  : NCHWc plain NCHWc -> NCHWc
%5 = reorder(%3) NCHWc to plain -> [1, 32, 4, 4]  : NCHWc -> plain
output %5
)");
}

TEST(Layouts, AResidualThatLiesPlainIsBroughtIntoBlocks) {
  const Laid laid(
      [](const Tensor& x) {
        const Tensor y = softmax(x, 1);
        return conv(x) + y;
      },
      {1, 32, 4, 4});
  EXPECT_EQ(laid.before, R"(input %0 [1, 32, 4, 4]
%1 = softmax(%0) dim=1 -> [1, 32, 4, 4]
%4 = conv2d(%0, [32, 32, 3, 3], %1) padding=(1, 1) +residual -> [1, 32, 4, 4]
output %4
)");
  EXPECT_EQ(laid.after, R"(input %0 [1, 32, 4, 4]
%1 = softmax(%0) dim=1 -> [1, 32, 4, 4]  : plain -> plain
%5 = reorder(%0) plain to NCHWc -> [1, 32, 4, 4]  : plain -> NCHWc
%6 = reorder(%1) plain to NCHWc -> [1, 32, 4, 4]  : plain -> NCHWc
%4 = conv2d(%5, [32, 32, 3, 3], %6) padding=(1, 1) +residual -> [1, 32, 4, 4]  : NCHWc plain NCHWc -> NCHWc
%7 = reorder(%4) NCHWc to plain -> [1, 32, 4, 4]  : NCHWc -> plain
output %7
)");
}

TEST(Layouts, ConstantsAreReorderedWhileThePlanIsMade) {
  const Tensor other = randn({1, 32, 1, 1});
  const Laid laid([&](const Tensor& x) { return conv(x) * other; }, {2, 32, 4, 4});
  EXPECT_EQ(laid.before, R"(input %0 [2, 32, 4, 4]
%2 = conv2d(%0, [32, 32, 3, 3]) padding=(1, 1) -> [2, 32, 4, 4]
%4 = mul(%2, [1, 32, 1, 1]) -> [2, 32, 4, 4]
output %4
)");
  EXPECT_EQ(laid.after, R"(input %0 [2, 32, 4, 4]
%5 = reorder(%0) plain to NCHWc -> [2, 32, 4, 4]  : plain -> NCHWc
%2 = conv2d(%5, [32, 32, 3, 3]) padding=(1, 1) -> [2, 32, 4, 4]  : NCHWc plain -> NCHWc
%4 = mul(%2, [1, 32, 1, 1]) -> [2, 32, 4, 4]  : NCHWc NCHWc -> NCHWc
%7 = reorder(%4) NCHWc to plain -> [2, 32, 4, 4]  : NCHWc -> plain
output %7
)");
}

TEST(Layouts, ANumberForAllChannelsIsNotOneForEach) {
  const Tensor other = randn({1, 1, 4, 4});
  const Laid laid([&](const Tensor& x) { return conv(x) * other; }, {1, 32, 4, 4});
  EXPECT_EQ(laid.before, R"(input %0 [1, 32, 4, 4]
%2 = conv2d(%0, [32, 32, 3, 3]) padding=(1, 1) -> [1, 32, 4, 4]
%4 = mul(%2, [1, 1, 4, 4]) -> [1, 32, 4, 4]
output %4
)");
  EXPECT_EQ(laid.after, R"(input %0 [1, 32, 4, 4]
%5 = reorder(%0) plain to NCHWc -> [1, 32, 4, 4]  : plain -> NCHWc
%2 = conv2d(%5, [32, 32, 3, 3]) padding=(1, 1) -> [1, 32, 4, 4]  : NCHWc plain -> NCHWc
%6 = reorder(%2) NCHWc to plain -> [1, 32, 4, 4]  : NCHWc -> plain
%4 = mul(%6, [1, 1, 4, 4]) -> [1, 32, 4, 4]  : plain plain -> plain
output %4
)");
}

TEST(Layouts, WholeBlocksAreStrungTogether) {
  const Tensor weight = randn({4, 64, 1, 1});
  const Laid laid(
      [&](const Tensor& x) {
        const Tensor y = conv(x);
        return conv2d(cat({y, exp(y)}, -3), weight);  // in blocks -3 is another dimension
      },
      {1, 32, 4, 4});
  EXPECT_EQ(laid.before, R"(input %0 [1, 32, 4, 4]
%2 = conv2d(%0, [32, 32, 3, 3]) padding=(1, 1) -> [1, 32, 4, 4]
%3 = exp(%2) -> [1, 32, 4, 4]
%4 = cat(%2, %3) dim=-3 -> [1, 64, 4, 4]
%6 = conv2d(%4, [4, 64, 1, 1]) -> [1, 4, 4, 4]
output %6
)");
  EXPECT_EQ(laid.after, R"(input %0 [1, 32, 4, 4]
%7 = reorder(%0) plain to NCHWc -> [1, 32, 4, 4]  : plain -> NCHWc
%2 = conv2d(%7, [32, 32, 3, 3]) padding=(1, 1) -> [1, 32, 4, 4]  : NCHWc plain -> NCHWc
%3 = exp(%2) -> [1, 32, 4, 4]  : NCHWc -> NCHWc
%4 = cat(%2, %3) dim=1 -> [1, 64, 4, 4]  : NCHWc NCHWc -> NCHWc
%6 = conv2d(%4, [4, 64, 1, 1]) -> [1, 4, 4, 4]  : NCHWc plain -> NCHWc
%8 = reorder(%6) NCHWc to plain -> [1, 4, 4, 4]  : NCHWc -> plain
output %8
)");
}

TEST(Layouts, PartsOfBlocksAreNot) {
  const Tensor narrow = randn({5, 32, 1, 1});
  const Laid laid(
      [&](const Tensor& x) {
        const Tensor y = conv2d(x, narrow);
        return cat({y, y}, 1);
      },
      {1, 32, 4, 4});
  EXPECT_EQ(laid.before, R"(input %0 [1, 32, 4, 4]
%2 = conv2d(%0, [5, 32, 1, 1]) -> [1, 5, 4, 4]
%3 = cat(%2, %2) dim=1 -> [1, 10, 4, 4]
output %3
)");
  EXPECT_EQ(laid.after, R"(input %0 [1, 32, 4, 4]
%4 = reorder(%0) plain to NCHWc -> [1, 32, 4, 4]  : plain -> NCHWc
%2 = conv2d(%4, [5, 32, 1, 1]) -> [1, 5, 4, 4]  : NCHWc plain -> NCHWc
%5 = reorder(%2) NCHWc to plain -> [1, 5, 4, 4]  : NCHWc -> plain
%3 = cat(%5, %5) dim=1 -> [1, 10, 4, 4]  : plain plain -> plain
output %3
)");
}

TEST(Layouts, WithoutBlocksEverythingIsPlain) {
  const Laid laid([](const Tensor& x) { return relu(conv(x)); }, {1, 32, 8, 8}, {.blocked = false});
  EXPECT_EQ(laid.before, R"(input %0 [1, 32, 8, 8]
%3 = conv2d(%0, [32, 32, 3, 3]) padding=(1, 1) +clamp(0, inf) -> [1, 32, 8, 8]
output %3
)");
  EXPECT_EQ(laid.after, R"(input %0 [1, 32, 8, 8]
%3 = conv2d(%0, [32, 32, 3, 3]) padding=(1, 1) +clamp(0, inf) -> [1, 32, 8, 8]  : plain plain -> plain
output %3
)");
  EXPECT_EQ(laid.lowered.convs.front().kernel, nullptr);
}

TEST(Layouts, TheHeadOfAClassifierReadsRowsInBlocks) {
  const Tensor weight = randn({7, 288});
  const Laid laid([&](const Tensor& x) { return linear(relu(conv(x)).view({2, -1}), weight); }, {2, 32, 3, 3});
  EXPECT_EQ(laid.before, R"(input %0 [2, 32, 3, 3]
%3 = conv2d(%0, [32, 32, 3, 3]) padding=(1, 1) +clamp(0, inf) -> [2, 32, 3, 3]
%4 = view(%3) shape=[2, -1] -> [2, 288]
%6 = linear(%4, [7, 288]) -> [2, 7]
output %6
)");
  EXPECT_EQ(laid.after, R"(input %0 [2, 32, 3, 3]
%7 = reorder(%0) plain to NCHWc -> [2, 32, 3, 3]  : plain -> NCHWc
%3 = conv2d(%7, [32, 32, 3, 3]) padding=(1, 1) +clamp(0, inf) -> [2, 32, 3, 3]  : NCHWc plain -> NCHWc
%8 = reorder(%3) NCHWc to plain -> [2, 32, 3, 3]  : NCHWc -> plain
%4 = view(%8) shape=[2, -1] -> [2, 288]  : plain -> plain
%9 = reorder(%4) plain to NCHWc -> [2, 288]  : plain -> NCHWc
%6 = linear(%9, [7, 288]) -> [2, 7]  : NCHWc plain -> NCHWc
%10 = reorder(%6) NCHWc to plain -> [2, 7]  : NCHWc -> plain
output %10
)");
}

TEST(Layouts, KernelsAreThoseOfConvolutionsAndFitTheFormats) {
  const Tensor first = randn({32, 3, 3, 3}), weight = randn({7, 32});
  const Laid laid(
      [&](const Tensor& x) {
        return linear(relu(conv(conv2d(x, first))).view({2, -1}), weight);
      },
      {2, 3, 3, 3});
  const Lowered& lowered = laid.lowered;
  int kernels = 0;
  for (std::size_t i = 0; i < lowered.graph.nodes.size(); ++i) {
    const Node& node = lowered.graph.nodes[i];
    const kernels::ConvKernel* kernel = lowered.convs[i].kernel;
    ASSERT_EQ(kernel != nullptr, dynamic_cast<const FusedOp*>(node.op.get()) != nullptr);
    if (!kernel) continue;
    ++kernels;
    EXPECT_EQ(lowered.format(node.inputs[0]), kernel->in);
    EXPECT_EQ(lowered.format(node.outputs[0]), kernel->out);
  }
  EXPECT_EQ(kernels, 3);
}

TEST(Reorder, ThereAndBackIsTheSame) {
  const Format blocks{kernels::Element::float32, kernels::table().width};
  for (const Shape& shape : {Shape{2, 5, 3, 4}, Shape{1, 32, 2, 2}, Shape{3, 17}, Shape{1, 4}}) {
    const Tensor x = randn(shape);
    Tensor there = full(physical_shape(shape, blocks), 7), back = zeros(shape);
    ReorderOp(plain_format(DType::float32), blocks).eval({&x, 1}, {&there, 1});
    ReorderOp(blocks, plain_format(DType::float32)).eval({&there, 1}, {&back, 1});
    EXPECT_TENSOR_EQ(back, x);
  }
  EXPECT_EQ(ReorderOp(plain_format(DType::float32), {kernels::Element::float32, 16}).attributes(), "plain to NCHW16c");
}

}  // namespace
}  // namespace minnow
