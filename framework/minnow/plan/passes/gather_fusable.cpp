#include <minnow/ops/conv2d.h>
#include <minnow/ops/linear.h>
#include <minnow/plan/fused.h>
#include <minnow/plan/passes/passes.h>

namespace minnow {
namespace {

bool is_fusable(const Graph& graph, const Node& node) {
  const auto is_constant = [&](std::size_t input) { return graph[node.inputs[input]].constant.defined(); };
  const int rank = graph[node.inputs.front()].spec.shape.rank();
  const bool kind = (dynamic_cast<const Conv2dOp*>(node.op.get()) && rank == 4) ||
                    (dynamic_cast<const LinearOp*>(node.op.get()) && rank == 2);
  return kind && is_constant(1) && (node.inputs.size() == 2 || is_constant(2));
}

}  // namespace

void gather_fusable(Graph& graph) {
  for (Node& node : graph.nodes) {
    if (!node.inputs.empty() && is_fusable(graph, node)) {
      node.op = std::make_shared<FusedOp>(std::move(node.op), node.inputs.size() == 3);
    }
  }
}

}  // namespace minnow
