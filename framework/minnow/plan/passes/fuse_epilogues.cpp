#include <cmath>
#include <limits>
#include <optional>

#include <minnow/ops/binary.h>
#include <minnow/ops/unary.h>
#include <minnow/plan/fused.h>
#include <minnow/plan/passes/passes.h>

namespace minnow {
namespace {

struct Bounds {
  float lo, hi;
};

std::optional<Bounds> bounds_of(const Op& op) {
  const auto* unary = dynamic_cast<const UnaryOp*>(&op);
  if (unary && unary->kind == UnaryKind::relu) return Bounds{0.0f, std::numeric_limits<float>::infinity()};
  if (unary && unary->kind == UnaryKind::clamp && !std::isnan(unary->alpha) && !std::isnan(unary->beta)) {
    return Bounds{unary->alpha, unary->beta};
  }
  return std::nullopt;
}

bool is_addition_of_equals(const Graph& graph, const Node& node) {
  const auto* binary = dynamic_cast<const BinaryOp*>(node.op.get());
  return binary && binary->kind == BinaryKind::add && graph[node.inputs[0]].spec == graph[node.inputs[1]].spec;
}

class Fuser {
 public:
  explicit Fuser(Graph& graph) : graph_(graph) {}

  void run() {
    bool changed = true;
    while (changed) {
      changed = false;
      producers_ = graph_.producers();
      uses_ = graph_.count_uses();
      for (std::size_t i = 0; i < graph_.nodes.size() && !changed; ++i) changed = join_clamp(i) || join_residual(i);
    }
  }

 private:
  // The number of the FusedOp whose result one node alone reads, or none.
  std::optional<std::size_t> fusable(ValueId value) const {
    const int producer = producers_[index_of(value)];
    if (producer < 0 || uses_[index_of(value)] != 1) return std::nullopt;
    const auto number = static_cast<std::size_t>(producer);
    const auto* fused = dynamic_cast<const FusedOp*>(graph_.nodes[number].op.get());
    return fused && !fused->has_clamp() ? std::optional(number) : std::nullopt;
  }

  bool join_clamp(std::size_t reader) {
    const Node& node = graph_.nodes[reader];
    const auto bounds = bounds_of(*node.op);
    if (!bounds) return false;
    const auto before = fusable(node.inputs.front());
    if (!before) return false;
    Node& fused = graph_.nodes[*before];
    fused.op = static_cast<const FusedOp&>(*fused.op).with_clamp(bounds->lo, bounds->hi);
    fused.outputs = node.outputs;
    graph_.nodes.erase(graph_.nodes.begin() + static_cast<std::ptrdiff_t>(reader));
    return true;
  }

  // Of two operands the one that is computed last takes the other as its residual, or else the first, which nobody
  // needs earlier: it moves to where the addition stands.
  bool join_residual(std::size_t reader) {
    const Node& node = graph_.nodes[reader];
    if (!is_addition_of_equals(graph_, node)) return false;
    const auto computed = [&](std::size_t side) { return producers_[index_of(node.inputs[side])]; };
    const std::size_t last = computed(1) > computed(0) ? 1 : 0;
    for (const std::size_t side : {last, 1 - last}) {
      const auto before = fusable(node.inputs[side]);
      if (!before) continue;
      const auto& op = static_cast<const FusedOp&>(*graph_.nodes[*before].op);
      if (op.has_residual()) continue;
      Node fused = std::move(graph_.nodes[*before]);
      fused.op = op.with_residual();
      fused.inputs.push_back(node.inputs[1 - side]);
      fused.outputs = node.outputs;
      graph_.nodes[reader] = std::move(fused);
      graph_.nodes.erase(graph_.nodes.begin() + static_cast<std::ptrdiff_t>(*before));
      return true;
    }
    return false;
  }

  Graph& graph_;
  std::vector<int> producers_, uses_;
};

}  // namespace

void fuse_epilogues(Graph& graph) { Fuser(graph).run(); }

}  // namespace minnow
