#include <cmath>

#include <minnow/ops/batch_norm.h>
#include <minnow/ops/binary.h>
#include <minnow/plan/fused.h>
#include <minnow/plan/passes/passes.h>

namespace minnow {
namespace {

struct Affine {
  Tensor scale, shift;         // [C]
  std::vector<Tensor> origin;  // what they were made from
};

// (x - mean) / sqrt(var + eps) * weight + bias as x * scale + shift, worked out in double.
Affine affine_of(const Graph& graph, const Node& node, double eps) {
  const auto constant = [&](std::size_t input) { return graph[node.inputs[input]].constant; };
  const Tensor mean = constant(1), var = constant(2);
  const bool has_weight = node.inputs.size() == 5;
  Affine result{empty(mean.shape()), empty(mean.shape()), {}};
  for (std::int64_t c = 0; c < mean.numel(); ++c) {
    const double weight = has_weight ? constant(3).data()[c] : 1.0, bias = has_weight ? constant(4).data()[c] : 0.0;
    const double scale = weight / std::sqrt(var.data()[c] + eps);
    result.scale.data()[c] = static_cast<float>(scale);
    result.shift.data()[c] = static_cast<float>(bias - mean.data()[c] * scale);
  }
  for (std::size_t i = 1; i < node.inputs.size(); ++i) join_origin(result.origin, graph[node.inputs[i]].origin);
  return result;
}

bool all_constant(const Graph& graph, const Node& node) {
  for (std::size_t i = 1; i < node.inputs.size(); ++i) {
    if (!graph[node.inputs[i]].constant.defined()) return false;
  }
  return node.inputs.size() == 3 || node.inputs.size() == 5;
}

// The bias of the fused op passes through the batch norm: shift += bias * scale.
void absorb_bias(Affine& affine, const Value& bias) {
  for (std::int64_t c = 0; c < affine.shift.numel(); ++c) {
    affine.shift.data()[c] += bias.constant.data()[c] * affine.scale.data()[c];
  }
  join_origin(affine.origin, bias.origin);
}

}  // namespace

void fold_batch_norm(Graph& graph) {
  const std::vector<int> uses = graph.count_uses();
  std::vector<Node> nodes;
  for (Node& node : graph.nodes) {
    const auto* norm = dynamic_cast<const BatchNormOp*>(node.op.get());
    if (!norm || !all_constant(graph, node)) {
      nodes.push_back(std::move(node));
      continue;
    }
    Affine affine = affine_of(graph, node, norm->eps);
    const ValueId x = node.inputs.front();
    // Its producer, if any, is among the nodes that were kept.
    Node* before = nullptr;
    for (Node& kept : nodes) {
      if (kept.outputs.front() == x) before = &kept;
    }
    const auto* fused = before ? dynamic_cast<const FusedOp*>(before->op.get()) : nullptr;
    if (fused && !fused->has_scale() && !fused->has_residual() && !fused->has_clamp() && uses[index_of(x)] == 1) {
      if (fused->has_shift()) absorb_bias(affine, graph[before->inputs[fused->shift_at()]]);
      before->inputs.resize(2);
      before->inputs.push_back(graph.add_constant(affine.scale, affine.origin));
      before->inputs.push_back(graph.add_constant(affine.shift, affine.origin));
      before->outputs = node.outputs;
      before->op = fused->with_affine();
      continue;
    }
    Shape shape{1, affine.scale.numel()};
    while (shape.rank() < graph[x].spec.shape.rank()) shape.push_back(1);
    const ValueId scaled = graph.add_value(graph[x].spec);
    const ValueId scale = graph.add_constant(affine.scale.with_shape(shape), affine.origin);
    const ValueId shift = graph.add_constant(affine.shift.with_shape(shape), affine.origin);
    nodes.push_back({std::make_shared<BinaryOp>(BinaryKind::mul), {x, scale}, {scaled}, node.path});
    nodes.push_back({std::make_shared<BinaryOp>(BinaryKind::add), {scaled, shift}, node.outputs, node.path});
  }
  graph.nodes = std::move(nodes);
}

}  // namespace minnow
