#include <gtest/gtest.h>

#include <functional>

#include <minnow/graph/trace.h>
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
#include <minnow/plan/lowered.h>
#include <minnow/plan/passes/passes.h>

#include "support.h"

namespace minnow {
namespace {

Lowered lower(const std::function<Tensor(const Tensor&)>& f, const Shape& input, const PlanOptions& options = {}) {
  const TensorSpec spec{input};
  Graph graph = trace([&](std::span<const Tensor> x) { return std::vector<Tensor>{f(x[0])}; }, {&spec, 1});
  rewrite(graph, options);
  return assign_layouts(std::move(graph), options);
}

/// The ops with the formats of their outputs, `b` for blocks, `p` for plain: "reorder:b conv2d:b reorder:p".
std::string ops_of(const Lowered& lowered) {
  std::string text;
  for (const Node& node : lowered.graph.nodes) {
    const bool plain = lowered.format(node.outputs.front()) == plain_format;
    text += str(text.empty() ? "" : " ", node.op->name(), plain ? ":p" : ":b");
  }
  return text;
}

Tensor conv(const Tensor& x) {
  static const Tensor weight = randn({32, 32, 3, 3});
  return conv2d(x, weight, {}, {.padding = 1});
}

TEST(Layouts, AChainOfConvolutionsIsReorderedAtItsEndsAlone) {
  EXPECT_EQ(ops_of(lower([](const Tensor& x) { return relu(conv(max_pool2d(relu(conv(x)), 2))); }, {1, 32, 8, 8})),
            "reorder:b conv2d:b max_pool2d:b conv2d:b reorder:p");
}

TEST(Layouts, AFewChannelsAreReadWhereTheyLie) {
  const Tensor weight = randn({32, 3, 3, 3});
  EXPECT_EQ(ops_of(lower([&](const Tensor& x) { return conv(conv2d(x, weight)); }, {1, 3, 8, 8})),
            "conv2d:b conv2d:b reorder:p");
}

TEST(Layouts, OpsThatTreatChannelsAlikeRunInBlocksAndOthersDoNot) {
  EXPECT_EQ(ops_of(lower([](const Tensor& x) { return exp(conv(x)) * 2.0; }, {1, 32, 4, 4})),
            "reorder:b conv2d:b exp:b mul:b reorder:p");
  EXPECT_EQ(ops_of(lower([](const Tensor& x) { return conv(softmax(conv(x), 1)); }, {1, 32, 4, 4})),
            "reorder:b conv2d:b reorder:p softmax:p reorder:b conv2d:b reorder:p");
  EXPECT_EQ(ops_of(lower([](const Tensor& x) { return exp(x); }, {1, 32, 4, 4})), "exp:p");
}

TEST(Layouts, AValueThatTwoReadPlainIsReorderedOnce) {
  EXPECT_EQ(ops_of(lower(
                [](const Tensor& x) {
                  const Tensor y = conv(x);
                  return softmax(y, 1) * softmax(y, 2);
                },
                {1, 32, 4, 4})),
            "reorder:b conv2d:b reorder:p softmax:p softmax:p mul:p");
}

TEST(Layouts, AResidualThatLiesPlainIsBroughtIntoBlocks) {
  // The first convolution and the addition read the same reordered input.
  EXPECT_EQ(ops_of(lower([](const Tensor& x) { return conv(x) + x; }, {1, 32, 4, 4})), "reorder:b conv2d:b reorder:p");
  EXPECT_EQ(ops_of(lower(
                [](const Tensor& x) {
                  const Tensor y = softmax(x, 1);
                  return conv(x) + y;
                },
                {1, 32, 4, 4})),
            "softmax:p reorder:b reorder:b conv2d:b reorder:p");
}

TEST(Layouts, ConstantsAreReorderedWhileThePlanIsMade) {
  const Tensor other = randn({1, 32, 1, 1});
  const Lowered lowered = lower([&](const Tensor& x) { return conv(x) * other; }, {2, 32, 4, 4});
  EXPECT_EQ(ops_of(lowered), "reorder:b conv2d:b mul:b reorder:p");
}

TEST(Layouts, OnlyWholeBlocksAreStrungTogether) {
  const auto twice = [](const Tensor& x) { return cat({x, x}, 1); };
  EXPECT_EQ(ops_of(lower(
                [&](const Tensor& x) {
                  return conv2d(twice(conv(x)), randn({4, 64, 1, 1}));
                },
                {1, 32, 4, 4})),
            "reorder:b conv2d:b cat:b conv2d:b reorder:p");
  const Tensor narrow = randn({5, 32, 1, 1});
  EXPECT_EQ(ops_of(lower([&](const Tensor& x) { return twice(conv2d(x, narrow)); }, {1, 32, 4, 4})),
            "reorder:b conv2d:b reorder:p cat:p");
}

TEST(Layouts, WithoutBlocksEverythingIsPlain) {
  const Lowered lowered = lower([](const Tensor& x) { return relu(conv(x)); }, {1, 32, 8, 8}, {.blocked = false});
  EXPECT_EQ(ops_of(lowered), "conv2d:p");
  EXPECT_EQ(lowered.convs.front().kernel, nullptr);
}

TEST(Layouts, KernelsAreThoseOfConvolutionsAndFitTheFormats) {
  const Tensor weight = randn({7, 32});
  const Lowered lowered = lower(
      [&](const Tensor& x) {
        return linear(relu(conv(x)).view({2, -1}).slice(1, 0, 32), weight);
      },
      {2, 32, 3, 3});
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
  EXPECT_EQ(kernels, 2);
}

TEST(Reorder, ThereAndBackIsTheSame) {
  const Format blocks{kernels::Element::float32, kernels::table().width};
  for (const Shape& shape : {Shape{2, 5, 3, 4}, Shape{1, 32, 2, 2}, Shape{3, 17}, Shape{1, 4}}) {
    const Tensor x = randn(shape);
    Tensor there = full(physical_shape(shape, blocks), 7), back = zeros(shape);
    ReorderOp(plain_format, blocks).eval({&x, 1}, {&there, 1});
    ReorderOp(blocks, plain_format).eval({&there, 1}, {&back, 1});
    EXPECT_TENSOR_EQ(back, x);
  }
  EXPECT_EQ(ReorderOp(plain_format, {kernels::Element::float32, 16}).attributes(), "plain to NCHW16c");
}

}  // namespace
}  // namespace minnow
