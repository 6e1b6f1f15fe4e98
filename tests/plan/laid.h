#pragma once

#include <functional>
#include <regex>
#include <sstream>
#include <string>

#include <minnow/ops/conv2d.h>
#include <minnow/plan/lowered.h>
#include <minnow/plan/packed_weights.h>
#include <minnow/plan/passes/passes.h>
#include <minnow/plan/plan.h>

#include "plan/traced.h"

namespace minnow::test {

/// The graph with the formats of each node's inputs and output at the end of its line. Blocks are NCHWc whatever their
/// size is, which the instruction set decides.
inline std::string text_of(const Lowered& lowered) {
  std::istringstream lines(text_of(lowered.graph));
  std::string text, line;
  for (std::size_t i = 0; i < lowered.graph.inputs.size() && std::getline(lines, line); ++i) text += line + '\n';
  for (const Node& node : lowered.graph.nodes) {
    std::getline(lines, line);
    text += line + "  :";
    for (const ValueId input : node.inputs) text += ' ' + name_of(lowered.format(input));
    text += " -> " + name_of(lowered.format(node.outputs.front())) + '\n';
  }
  std::getline(lines, line);
  return std::regex_replace(text + line + '\n', std::regex("NCHW[0-9]+c"), "NCHWc");
}

/// A function as the passes leave it, and as the layouts do. The plan of it must give what the function gives.
class Laid {
 public:
  Laid(const std::function<Tensor(const Tensor&)>& f, const Shape& input, const PlanOptions& options = {}) {
    const Tensor x = randn(input);
    PackedWeights weights;
    const Plan plan(traced_graph(f, {input}), options, weights);
    EXPECT_TENSOR_NEAR(plan.run({&x, 1}).front(), f(x), 1e-4);
    Graph graph = traced_graph(f, {input});
    rewrite(graph, options);
    before = text_of(graph);
    lowered = assign_layouts(std::move(graph), options);
    after = text_of(lowered);
  }

  std::string before, after;
  Lowered lowered;
};

/// A convolution of 32 channels that keeps the size.
inline Tensor conv(const Tensor& x) {
  static const Tensor weight = randn({32, 32, 3, 3});
  return conv2d(x, weight, {}, {.padding = 1});
}

}  // namespace minnow::test
