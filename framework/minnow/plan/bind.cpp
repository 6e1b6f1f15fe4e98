#include <algorithm>

#include <minnow/core/saturate.h>
#include <minnow/core/threads.h>
#include <minnow/kernels/core.h>
#include <minnow/plan/arena.h>
#include <minnow/plan/bands.h>
#include <minnow/plan/lowered.h>
#include <minnow/plan/micro_batches.h>
#include <minnow/plan/packed_weights.h>
#include <minnow/plan/passes/passes.h>
#include <minnow/plan/plan.h>
#include <minnow/plan/step.h>
#include <minnow/plan/steps/steps.h>

// How a plan is made; plan.cpp runs it.
namespace minnow {
namespace {

// What an image's array takes that steps hand each other in bands: more than an L2 cache holds. And what the windows of
// a thread may take of it.
constexpr std::int64_t kLeastHandedOn = 1 << 20, kWindows = 1 << 19;

// Whether the node's output is its input, seen otherwise: nothing has to run.
bool is_alias(const Lowered& lowered, const Node& node) {
  if (node.op->is_view()) return true;
  const auto* collect = dynamic_cast<const CollectOp*>(node.op.get());
  if (collect && lowered.graph[node.inputs[0]].spec.shape[0] == collect->batch) return true;
  const auto* reorder = dynamic_cast<const ReorderOp*>(node.op.get());
  return reorder && same_places(lowered.graph[node.inputs[0]].spec.shape, reorder->from, reorder->to);
}

// How the steps compute rows, by the values whose memory they touch.
std::vector<Rowwise> rows_of(std::span<const std::unique_ptr<Step>> steps, const Lifetimes& values) {
  std::vector<Rowwise> rows;
  for (const auto& step : steps) {
    rows.push_back(step->rowwise());
    for (ValueId* id : {&rows.back().x, &rows.back().residual, &rows.back().y}) {
      if (*id >= 0) *id = values.root[index_of(*id)];
    }
  }
  for (std::size_t i = 0; i + 1 < rows.size(); ++i) {
    if (!rows[i].by_rows() || rows[i].residual >= 0 || rows[i + 1].residual == rows[i].y) continue;
    const Lifetime& life = values.lives[index_of(rows[i].y)];
    rows[i].handed_on = life.first == static_cast<int>(i) && life.last == static_cast<int>(i) + 1;
  }
  return rows;
}

}  // namespace

Plan::Plan(Graph graph, const PlanOptions& options, PackedWeights& weights) : workers_(num_threads()) {
  rewrite(graph, options);
  cut_into_micro_batches(graph, options);
  bind(assign_layouts(std::move(graph), options), options, weights);
}

void Plan::bind(const Lowered& lowered, const PlanOptions& options, PackedWeights& weights) {
  const Graph& graph = lowered.graph;
  const MicroBatches micro_batches = micro_batches_of(graph);
  images_ = micro_batches.images;
  batch_ = micro_batches.batch;
  for (const ValueId input : graph.inputs) {
    inputs_.push_back({graph[input].spec, input});
    if (batch_ > 1) inputs_.back().spec.shape[0] = batch_;
  }
  for (const ValueId output : graph.outputs) outputs_.emplace_back(output, graph[output].spec);

  Packing packing;
  const BindContext context{lowered, weights, packing};
  std::vector<int> step_of_node(graph.nodes.size(), -1);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node& node = graph.nodes[i];
    if (is_alias(lowered, node)) continue;
    step_of_node[i] = static_cast<int>(steps_.size());
    steps_.push_back(make_step(context, i));
    scratch_stride_ = std::max(scratch_stride_, saturating_add(steps_.back()->scratch_bytes(), 63) / 64 * 64);

    std::vector<TensorSpec> specs;
    for (const ValueId input : node.inputs) specs.push_back(graph[input].spec);
    const std::string attributes = node.op->attributes();
    const ChosenConv& conv = lowered.convs[i];
    infos_.push_back({conv.kernel ? conv.name : node.path,
                      std::string(node.op->name()) + (attributes.empty() ? "" : " ") + attributes,
                      steps_.back()->algorithm(), graph[node.outputs[0]].spec.shape,
                      name_of(lowered.format(node.outputs[0])), 0, node.op->multiply_adds(specs), conv.measured});
    if (conv.kernel) algorithms_[conv.name] = conv.kernel->name;
    if (i < micro_batches.nodes) {
      repeated_ = steps_.size();
      infos_.back().multiply_adds = infos_.back().multiply_adds / images_ * batch_;
    }
  }
  packing.run();
  std::int64_t multiply_adds = 0;
  for (const StepInfo& info : infos_) multiply_adds = saturating_add(multiply_adds, info.multiply_adds);
  if (multiply_adds > 1'000'000) team_ = workers_;
  place_buffers(lowered, step_of_node, options);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    if (step_of_node[i] >= 0) {
      infos_[static_cast<std::size_t>(step_of_node[i])].offset = locations_[index_of(graph.nodes[i].outputs[0])].offset;
    }
  }
}

void Plan::make_bands(Lifetimes& values) {
  const std::vector<Rowwise> steps = rows_of(steps_, values);
  for (const Band& band : bands_of(steps, kLeastHandedOn, kWindows, workers_, repeated_)) {
    BandTurns turns = turns_of(steps, band, kWindows, workers_);
    std::vector<std::int64_t> windows;  // bytes of each step's, or 0
    std::int64_t all = 0, instead_of = 0;
    for (std::size_t i = band.first; i < band.last; ++i) {
      windows.push_back((turns.window_rows[i - band.first] * steps[i].row_bytes + 63) / 64 * 64);
      all += windows.back() * workers_;
      if (windows.back() > 0) instead_of += values.lives[index_of(steps[i].y)].bytes;
    }
    if (all > 0 && all >= instead_of) continue;  // small pictures, or many threads
    bands_.push_back(band);
    turns_.push_back(std::move(turns));
    for (std::size_t i = band.first; i < band.last; ++i) {
      const std::int64_t window = windows[i - band.first];
      if (window == 0) continue;
      windows_[index_of(steps[i].y)] = window;
      values.lives[index_of(steps[i].y)].bytes = window * workers_;
    }
  }
}

void Plan::overwrite_inputs(const Graph& graph, const std::vector<int>& step_of_node, Lifetimes& values) const {
  const std::vector<Rowwise> rows = rows_of(steps_, values);
  // Whether another step of the same band, which may run before or after, wants the memory as well.
  const auto wanted_in_band = [&](std::size_t step, ValueId memory) {
    for (const auto& [first, last] : bands_) {
      for (std::size_t other = first; first <= step && step < last && other < last; ++other) {
        const Rowwise& own = rows[other];
        if (other != step && (own.x == memory || own.residual == memory || own.y == memory)) return true;
      }
    }
    return false;
  };
  std::vector<ValueId> overwritten(graph.nodes.size(), -1);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    if (step_of_node[i] < 0) continue;
    const auto step = static_cast<std::size_t>(step_of_node[i]);
    const ValueId id = steps_[step]->overwrites();
    if (id >= 0 && !wanted_in_band(step, values.root[index_of(id)])) overwritten[i] = id;
  }
  overwrite(values, graph, overwritten);
}

void Plan::copy_inputs(const Graph& graph, const std::vector<int>& step_of_node, const Lifetimes& values,
                       std::span<const std::int64_t> bytes) {
  for (Input& input : inputs_) input.copied = values.lives[index_of(input.id)].bytes > bytes[index_of(input.id)];
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    if (step_of_node[i] < 0 || steps_[static_cast<std::size_t>(step_of_node[i])]->reads_anywhere()) continue;
    for (const ValueId id : graph.nodes[i].inputs) {
      for (Input& input : inputs_) input.copied = input.copied || values.root[index_of(id)] == input.id;
    }
  }
}

void Plan::locate(const Graph& graph, const Lifetimes& values, bool reuse_memory) {
  const auto& [root, lives] = values;
  locations_.resize(graph.values.size());
  for (std::size_t i = 0; i < graph.values.size(); ++i) {
    if (graph.values[i].constant.defined()) locations_[i] = {Location::Kind::constant, -1, 0, graph.values[i].constant};
  }
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    if (!inputs_[i].copied) locations_[index_of(inputs_[i].id)] = {Location::Kind::input, -1, i, {}};
  }
  std::vector<Lifetime> buffers;
  std::vector<std::size_t> owners;
  for (std::size_t i = 0; i < lives.size(); ++i) {
    if (root[i] != static_cast<ValueId>(i) || lives[i].last < 0 || locations_[i].kind != Location::Kind::arena)
      continue;
    buffers.push_back(reuse_memory ? lives[i] : Lifetime{lives[i].bytes, 0, static_cast<int>(steps_.size())});
    owners.push_back(i);
  }
  const ArenaLayout layout = place(buffers);
  buffer_bytes_ = layout.bytes;
  for (std::size_t i = 0; i < owners.size(); ++i) locations_[owners[i]].offset = layout.offsets[i];
  for (std::size_t i = 0; i < locations_.size(); ++i) {
    if (root[i] == static_cast<ValueId>(i)) continue;
    locations_[i] = locations_[index_of(root[i])];
    windows_[i] = windows_[index_of(root[i])];
  }
}

void Plan::place_buffers(const Lowered& lowered, const std::vector<int>& step_of_node, const PlanOptions& options) {
  const Graph& graph = lowered.graph;
  std::vector<std::int64_t> bytes;
  for (std::size_t i = 0; i < graph.values.size(); ++i) {
    bytes.push_back(bytes_of(graph.values[i].spec.shape, lowered.formats[i]));
  }
  Lifetimes values = lifetimes_of(graph, bytes, step_of_node, static_cast<int>(steps_.size()));
  windows_.resize(graph.values.size());
  // In this order: bands and what overwrites its input go by the arrays' own lives, before bands stretch them.
  if (options.bands && kernels::slow_l3()) make_bands(values);
  if (options.reuse_memory) overwrite_inputs(graph, step_of_node, values);
  outlive(values.lives, bands_);
  copy_inputs(graph, step_of_node, values, bytes);
  locate(graph, values, options.reuse_memory);
}

}  // namespace minnow
