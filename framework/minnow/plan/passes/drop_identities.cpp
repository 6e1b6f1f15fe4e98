#include <cmath>

#include <minnow/ops/binary.h>
#include <minnow/ops/clone.h>
#include <minnow/plan/passes/passes.h>

namespace minnow {
namespace {

bool changes_nothing(const Graph& graph, const Node& node) {
  const TensorSpec& in = graph[node.inputs.front()].spec;
  if (node.outputs.size() != 1 || in != graph[node.outputs.front()].spec) return false;
  if (node.op->is_view() || dynamic_cast<const CloneOp*>(node.op.get())) return true;  // a graph's values stay
  const auto* scalar = dynamic_cast<const BinaryScalarOp*>(node.op.get());
  if (!scalar || scalar->value_first) return false;
  switch (scalar->kind) {
    case BinaryKind::add:  // x + 0 and x - -0 are not x where x is -0
      return scalar->value == 0.0 && std::signbit(scalar->value);
    case BinaryKind::sub:
      return scalar->value == 0.0 && !std::signbit(scalar->value);
    case BinaryKind::mul:
    case BinaryKind::div:
      return scalar->value == 1.0;
    default:
      return false;
  }
}

}  // namespace

void drop_identities(Graph& graph) {
  for (const Node& node : graph.nodes) {
    if (!node.inputs.empty() && changes_nothing(graph, node)) {
      graph.replace_uses(node.outputs.front(), node.inputs.front());
    }
  }
  graph.remove_dead_nodes();
}

}  // namespace minnow
