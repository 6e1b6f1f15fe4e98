#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>

#include <minnow/core/error.h>
#include <minnow/core/threads.h>
#include <minnow/ops/cat.h>
#include <minnow/ops/kernels.h>
#include <minnow/plan/conv_algorithms.h>
#include <minnow/plan/fused.h>
#include <minnow/plan/layout.h>
#include <minnow/plan/micro_batches.h>
#include <minnow/plan/op_kinds.h>

namespace minnow {
namespace {

constexpr double kNearBytes = 1 << 20;  // what the caches of a core hold of activations

class Cutter {
 public:
  Cutter(Graph& graph, const PlanOptions& options)
      : graph_(graph), options_(options), batch_(graph_[graph_.inputs[0]].spec.shape[0]) {}

  void run() {
    const std::size_t nodes = nodes_worth_it();
    if (nodes > 0) cut(nodes, images(nodes));  // where one micro-batch has all images, too: kernels are chosen for one
  }

 private:
  // Whether it holds the batch, image by image.
  bool is_batch(const TensorSpec& spec) const { return spec.shape.rank() == 4 && spec.shape[0] == batch_; }

  // Whether each image of the output depends on that image of the inputs alone.
  bool treats_images_alike(const Node& node) const {
    for (const ValueId input : node.inputs) {
      const Value& value = graph_[input];
      if (!value.constant.defined() && !is_batch(value.spec)) return false;
    }
    if (!is_batch(graph_[node.outputs[0]].spec)) return false;
    if (const auto* fused = dynamic_cast<const FusedOp*>(node.op.get())) {
      return !fused->has_residual() || !graph_[node.inputs[fused->residual_at()]].constant.defined();
    }
    if (is_pool(*node.op)) return true;
    if (is_elementwise(*node.op)) {  // with constants that are the same for each image
      return std::ranges::all_of(node.inputs, [&](ValueId input) {
        const Value& value = graph_[input];
        return !value.constant.defined() || value.spec.shape.rank() < 4 || value.spec.shape[0] == 1;
      });
    }
    const auto* cat = dynamic_cast<const CatOp*>(node.op.get());
    return cat && graph_[node.outputs[0]].spec.shape.index(cat->dim) != 0 &&
           std::ranges::none_of(node.inputs, [&](ValueId input) { return graph_[input].constant.defined(); });
  }

  double bytes(ValueId id) const {
    const TensorSpec& spec = graph_[id].spec;
    return static_cast<double>(bytes_of(spec.shape, plain_format(spec.dtype)));
  }

  // What a node reads and writes for each image.
  double bytes_per_image(const Node& node) const {
    double total = bytes(node.outputs[0]);
    for (const ValueId input : node.inputs) total += graph_[input].constant.defined() ? 0 : bytes(input);
    return total / static_cast<double>(batch_);
  }

  // What a node costs for so many images, in multiply-adds of one vector: what it computes, and what it reads and
  // writes, the more the farther away it lies. Fitted to ResNets and MobileNet in batches of eight.
  double cost(const Node& node, std::int64_t images) const {
    const double moved = bytes_per_image(node) * static_cast<double>(images);
    double total = 0.08 * moved * std::max(0.0, std::log2(moved / kNearBytes));
    if (const auto* fused = dynamic_cast<const FusedOp*>(node.op.get())) {
      const Shape &x = graph_[node.inputs[0]].spec.shape, &weight = graph_[node.inputs[1]].spec.shape;
      kernels::ConvShape shape = conv_shape(*fused, x, weight);
      shape.batch = images;
      const kernels::Table& table = kernels::table();
      const ConvPreferences preferences{.winograd = options_.winograd};
      const auto choices = kernels::few_channels(x[1], table.width)
                               ? conv_choices_from_plain(table, shape, preferences)
                               : conv_choices(table, shape, table.blocked(), preferences);
      if (!choices.empty()) total += choices.front().cost;
    }
    return total;
  }

  // What it costs to collect, for the nodes behind, what the first `count` nodes computed.
  double collecting(std::size_t count) const {
    std::vector<bool> needed(graph_.values.size());
    const auto need = [&](ValueId id) { needed[index_of(id)] = true; };
    for (std::size_t i = count; i < graph_.nodes.size(); ++i) std::ranges::for_each(graph_.nodes[i].inputs, need);
    std::ranges::for_each(graph_.outputs, need);
    double total = needed[index_of(graph_.inputs[0])] ? bytes(graph_.inputs[0]) : 0;
    for (std::size_t i = 0; i < count; ++i) {
      const ValueId output = graph_.nodes[i].outputs[0];
      if (needed[index_of(output)]) total += bytes(output);
    }
    return 0.16 * total;
  }

  // The nodes at the front that gain most, all together, from images that are taken one by one.
  std::size_t nodes_worth_it() const {
    double gain = 0, most = 0;
    std::size_t result = 0;
    for (std::size_t i = 0; i < graph_.nodes.size() && treats_images_alike(graph_.nodes[i]); ++i) {
      gain += cost(graph_.nodes[i], batch_) - static_cast<double>(batch_) * cost(graph_.nodes[i], 1);
      if (gain - collecting(i + 1) > most) {
        most = gain - collecting(i + 1);
        result = i + 1;
      }
    }
    return result;
  }

  // Images of a micro-batch: as many as the caches of all threads hold.
  std::int64_t images(std::size_t nodes) const {
    double most = 0;
    for (std::size_t i = 0; i < nodes; ++i) most = std::max(most, bytes_per_image(graph_.nodes[i]));
    const auto fit = static_cast<std::int64_t>(kNearBytes * num_threads() / most);
    const std::int64_t rounds = (batch_ - 1) / std::clamp<std::int64_t>(fit, 1, batch_) + 1;
    return (batch_ - 1) / rounds + 1;
  }

  void cut(std::size_t nodes, std::int64_t count) {
    std::vector<Node> behind(std::make_move_iterator(graph_.nodes.begin() + static_cast<std::ptrdiff_t>(nodes)),
                             std::make_move_iterator(graph_.nodes.end()));
    graph_.nodes.resize(nodes);
    std::vector<ValueId> parts{graph_.inputs[0]};
    for (const Node& node : graph_.nodes) parts.insert(parts.end(), node.outputs.begin(), node.outputs.end());
    for (const ValueId part : parts) graph_[part].spec.shape[0] = count;
    const auto collected = [&](ValueId& id) {
      if (std::ranges::find(parts, id) == parts.end()) return;
      auto& whole = wholes_.try_emplace(id, -1).first->second;
      if (whole < 0) {
        const auto collect = std::make_shared<CollectOp>(batch_);
        whole = graph_.add_value(collect->infer(std::span(&graph_[id].spec, 1)).front());
        graph_.nodes.push_back({collect, {id}, {whole}, {}});
      }
      id = whole;
    };
    for (Node& node : behind) std::ranges::for_each(node.inputs, collected);
    std::ranges::for_each(graph_.outputs, collected);
    std::ranges::move(behind, std::back_inserter(graph_.nodes));
  }

  Graph& graph_;
  const PlanOptions& options_;
  const std::int64_t batch_;
  std::map<ValueId, ValueId> wholes_;  // what is collected, by its parts
};

}  // namespace

std::vector<TensorSpec> CollectOp::infer(std::span<const TensorSpec> inputs) const {
  TensorSpec whole = inputs[0];
  whole.shape[0] = batch;
  return {whole};
}

void CollectOp::eval(std::span<const Tensor>, std::span<Tensor>) const {
  fail("collect: only a plan runs nodes for one micro-batch after the other");
}

MicroBatches micro_batches_of(const Graph& graph) {
  MicroBatches result;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const auto* collect = dynamic_cast<const CollectOp*>(graph.nodes[i].op.get());
    if (collect) result = {i + 1, graph[graph.nodes[i].inputs[0]].spec.shape[0], collect->batch};
  }
  return result;
}

void cut_into_micro_batches(Graph& graph, const PlanOptions& options) {
  if (!options.micro_batches || !options.blocked || graph.inputs.size() != 1) return;
  const TensorSpec& input = graph[graph.inputs[0]].spec;
  if (input.shape.rank() != 4 || input.shape[0] < 2 || input.shape.numel() == 0) return;
  Cutter(graph, options).run();
}

}  // namespace minnow
