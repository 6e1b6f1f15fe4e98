#include <minnow/graph/trace.h>
#include <minnow/ops/batch_norm.h>
#include <minnow/ops/binary.h>
#include <minnow/ops/conv2d.h>
#include <minnow/ops/linear.h>
#include <minnow/ops/unary.h>
#include <minnow/ops/view.h>
#include <minnow/plan/passes/passes.h>

#include "support.h"

namespace minnow {
namespace {

Graph trace_one(const std::function<Tensor(const Tensor&)>& f, const Shape& input) {
  const TensorSpec spec{input};
  return trace([&](std::span<const Tensor> x) { return std::vector<Tensor>{f(x[0])}; }, {&spec, 1});
}

Tensor run_one(const Graph& graph, const Tensor& x) { return run(graph, {&x, 1})[0]; }

struct Norm {
  explicit Norm(std::int64_t channels)
      : mean(randn({channels})), var(rand({channels}) + 0.5), weight(randn({channels})), bias(randn({channels})) {}
  Tensor operator()(const Tensor& x) const { return batch_norm(x, mean, var, weight, bias); }
  Tensor mean, var, weight, bias;
};

// The nodes alone: op, attributes and shape.
std::string nodes_of(const Graph& graph) {
  std::string text;
  for (const Node& node : graph.nodes) {
    const std::string attributes = node.op->attributes();
    text += std::string(node.op->name()) + (attributes.empty() ? "" : " ") + attributes + "\n";
  }
  return text;
}

TEST(DropIdentities, DropsViewsThatKeepTheShapeAndNeutralArithmetic) {
  Graph graph = trace_one([](const Tensor& x) { return (relu(x.view({2, 3})) * 1.0) - 0.0; }, {2, 3});
  EXPECT_EQ(nodes_of(graph), "view shape=[2, 3]\nrelu\nmul value=1\nsub value=0\n");
  drop_identities(graph);
  EXPECT_EQ(nodes_of(graph), "relu\n");
}

TEST(DropIdentities, KeepsTheAdditionOfZeroThatTurnsMinusZeroIntoZero) {
  Graph graph = trace_one([](const Tensor& x) { return x + 0.0; }, {2});
  drop_identities(graph);
  EXPECT_EQ(nodes_of(graph), "add value=0\n");
}

TEST(GatherFusable, TakesConvolutionsAndLinearLayersOfConstantWeights) {
  const Tensor weight = randn({4, 4, 1, 1}), matrix = randn({4, 4}), bias = randn({4});
  const auto gathered = [](const std::function<Tensor(const Tensor&)>& f, const Shape& input) {
    Graph graph = trace_one(f, input);
    const Tensor x = randn(input), expected = run_one(graph, x);
    gather_fusable(graph);
    EXPECT_TENSOR_EQ(run_one(graph, x), expected);
    return nodes_of(graph);
  };
  EXPECT_EQ(gathered([&](const Tensor& x) { return conv2d(x, weight, bias); }, {1, 4, 2, 2}), "conv2d +shift\n");
  EXPECT_EQ(gathered([&](const Tensor& x) { return linear(x, matrix, bias); }, {3, 4}), "linear +shift\n");
  // [N, T, C] is no picture; and weights that the input decides cannot be packed.
  EXPECT_EQ(gathered([&](const Tensor& x) { return linear(x, matrix, bias); }, {2, 3, 4}), "linear\n");
  EXPECT_EQ(gathered([&](const Tensor& x) { return linear(matrix, x, bias); }, {4, 4}), "linear\n");
}

TEST(FoldBatchNorm, BecomesScaleAndShiftOfTheConvolution) {
  const Norm norm(5);
  const Tensor weight = randn({5, 3, 3, 3}), bias = randn({5}), x = randn({2, 3, 6, 6});
  Graph graph = trace_one([&](const Tensor& in) { return norm(conv2d(in, weight, bias)); }, x.shape());
  const Tensor expected = run_one(graph, x);
  gather_fusable(graph);
  fold_batch_norm(graph);
  EXPECT_EQ(nodes_of(graph), "conv2d +scale +shift\n");
  EXPECT_TENSOR_NEAR(run_one(graph, x), expected, 1e-5);
}

TEST(FoldBatchNorm, FoldsIntoALinearLayer) {
  const Norm norm(4);
  const Tensor weight = randn({4, 6}), x = randn({3, 6});
  Graph graph = trace_one([&](const Tensor& in) { return norm(linear(in, weight)); }, x.shape());
  const Tensor expected = run_one(graph, x);
  gather_fusable(graph);
  fold_batch_norm(graph);
  EXPECT_EQ(nodes_of(graph), "linear +scale +shift\n");
  EXPECT_TENSOR_NEAR(run_one(graph, x), expected, 1e-5);
}

TEST(FoldBatchNorm, LeavesAConvolutionAloneThatOthersRead) {
  const Norm norm(2);
  const Tensor weight = randn({2, 2, 1, 1}), x = randn({1, 2, 3, 3});
  Graph graph = trace_one(
      [&](const Tensor& in) {
        const Tensor y = conv2d(in, weight);
        return norm(y) + y;
      },
      x.shape());
  const Tensor expected = run_one(graph, x);
  gather_fusable(graph);
  fold_batch_norm(graph);
  EXPECT_EQ(nodes_of(graph), "conv2d\nmul\nadd\nadd\n");
  EXPECT_TENSOR_NEAR(run_one(graph, x), expected, 1e-5);
}

TEST(FuseEpilogues, ABasicBlockBecomesTwoConvolutions) {
  const Norm first(4), second(4);
  const Tensor w1 = randn({4, 4, 3, 3}), w2 = randn({4, 4, 3, 3}), x = randn({1, 4, 5, 5});
  Graph graph = trace_one(
      [&](const Tensor& in) {
        Tensor y = relu(first(conv2d(in, w1, {}, {.padding = 1})));
        y = second(conv2d(y, w2, {}, {.padding = 1}));
        y += in;
        return relu(y);
      },
      x.shape());
  const Tensor expected = run_one(graph, x);
  rewrite(graph, {});
  EXPECT_EQ(nodes_of(graph),
            "conv2d padding=(1, 1) +scale +shift +clamp(0, inf)\n"
            "conv2d padding=(1, 1) +scale +shift +residual +clamp(0, inf)\n");
  EXPECT_TENSOR_NEAR(run_one(graph, x), expected, 1e-5);
}

TEST(FuseEpilogues, TheConvolutionThatRunsLastTakesTheOtherAsResidual) {
  const Tensor w1 = randn({4, 4, 1, 1}), w2 = randn({4, 4, 1, 1}), x = randn({1, 4, 5, 5});
  Graph graph = trace_one([&](const Tensor& in) { return conv2d(in, w1) + conv2d(in, w2); }, x.shape());
  const Tensor expected = run_one(graph, x);
  rewrite(graph, {});
  EXPECT_EQ(nodes_of(graph), "conv2d\nconv2d +residual\n");
  EXPECT_TENSOR_NEAR(run_one(graph, x), expected, 1e-5);
}

TEST(FuseEpilogues, AnActivationBeforeTheAdditionStaysBeforeIt) {
  const Tensor weight = randn({3, 3, 1, 1}), x = randn({1, 3, 4, 4});
  Graph graph = trace_one([&](const Tensor& in) { return relu(conv2d(in, weight)) + in; }, x.shape());
  const Tensor expected = run_one(graph, x);
  rewrite(graph, {});
  EXPECT_EQ(nodes_of(graph), "conv2d +clamp(0, inf)\nadd\n");
  EXPECT_TENSOR_NEAR(run_one(graph, x), expected, 1e-5);
}

TEST(FuseEpilogues, ABroadcastAdditionIsNoResidual) {
  const Tensor weight = randn({3, 3, 1, 1}), other = randn({1, 3, 1, 1}), x = randn({1, 3, 4, 4});
  Graph graph = trace_one([&](const Tensor& in) { return conv2d(in, weight) + other; }, x.shape());
  rewrite(graph, {});
  EXPECT_EQ(nodes_of(graph), "conv2d\nadd\n");
}

TEST(FuseEpilogues, TheFirstOfTwoActivationsAloneIsJoined) {
  const Tensor weight = randn({3, 3, 1, 1}), x = randn({1, 3, 4, 4});
  Graph graph = trace_one([&](const Tensor& in) { return clamp(relu6(conv2d(in, weight)), 1.0, 2.0); }, x.shape());
  const Tensor expected = run_one(graph, x);
  rewrite(graph, {});
  EXPECT_EQ(nodes_of(graph), "conv2d +clamp(0, 6)\nclamp min=1 max=2\n");
  EXPECT_TENSOR_NEAR(run_one(graph, x), expected, 1e-5);
}

TEST(FuseEpilogues, WhatOthersReadAsWellStaysAsItIs) {
  const Tensor weight = randn({3, 3, 1, 1}), x = randn({1, 3, 4, 4});
  for (const auto& f : {std::function<Tensor(const Tensor&)>([&](const Tensor& in) {
                          const Tensor y = conv2d(in, weight);
                          return relu(y) * y;
                        }),
                        std::function<Tensor(const Tensor&)>([&](const Tensor& in) {
                          const Tensor y = conv2d(in, weight);
                          return y + y;
                        })}) {
    Graph graph = trace_one(f, x.shape());
    const Tensor expected = run_one(graph, x);
    rewrite(graph, {});
    EXPECT_TRUE(nodes_of(graph).starts_with("conv2d\n")) << nodes_of(graph);
    EXPECT_TENSOR_NEAR(run_one(graph, x), expected, 1e-5);
  }
}

TEST(Rewrite, DropsWhatNobodyNeeds) {
  const Tensor weight = randn({3, 3, 1, 1});
  Graph graph = trace_one(
      [&](const Tensor& in) {
        (void)relu(conv2d(in, weight));
        return exp(in);
      },
      {1, 3, 4, 4});
  EXPECT_EQ(graph.nodes.size(), 3u);
  rewrite(graph, {});
  EXPECT_EQ(nodes_of(graph), "exp\n");
}

TEST(Rewrite, EachSwitchTakesItsPassOut) {
  const Norm norm(3);
  const Tensor weight = randn({3, 3, 1, 1});
  const auto f = [&](const Tensor& in) { return relu(norm(conv2d(in, weight))); };
  Graph no_fold = trace_one(f, {1, 3, 4, 4}), no_fuse = trace_one(f, {1, 3, 4, 4});
  rewrite(no_fold, {.fold_batch_norm = false});
  EXPECT_EQ(nodes_of(no_fold), "conv2d\nbatch_norm\nrelu\n");
  rewrite(no_fuse, {.fuse = false});
  EXPECT_EQ(nodes_of(no_fuse), "conv2d +scale +shift\nrelu\n");
}

}  // namespace
}  // namespace minnow
