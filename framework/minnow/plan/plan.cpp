#include <algorithm>
#include <chrono>
#include <cstring>

#include <minnow/core/error.h>
#include <minnow/core/saturate.h>
#include <minnow/core/threads.h>
#include <minnow/kernels/core.h>
#include <minnow/plan/arena.h>
#include <minnow/plan/bands.h>
#include <minnow/plan/lowered.h>
#include <minnow/plan/memory.h>
#include <minnow/plan/micro_batches.h>
#include <minnow/plan/packed_weights.h>
#include <minnow/plan/passes/passes.h>
#include <minnow/plan/plan.h>
#include <minnow/plan/step.h>
#include <minnow/plan/steps/steps.h>

namespace minnow {
namespace {

// What an image's array takes that steps hand each other in bands: more than an L2 cache holds. And what the windows of
// a thread may take of it. (Zen's cores hardly wait for their L3.)
constexpr std::int64_t kLeastHandedOn = 1 << 20, kWindows = 1 << 19;

std::size_t at(ValueId id) { return static_cast<std::size_t>(id); }

// Whether the node's output is its input, seen otherwise: nothing has to run.
bool is_alias(const Lowered& lowered, const Node& node) {
  if (node.op->is_view()) return true;
  const auto* collect = dynamic_cast<const CollectOp*>(node.op.get());
  if (collect && lowered.graph[node.inputs[0]].spec.shape[0] == collect->batch) return true;
  const auto* reorder = dynamic_cast<const ReorderOp*>(node.op.get());
  return reorder && same_places(lowered.graph[node.inputs[0]].spec.shape, reorder->from, reorder->to);
}

// Calls f(), whose time is added to the step's, if there are any.
void timed(std::span<double> seconds, std::size_t step, const auto& f) {
  if (seconds.empty()) return f();
  const auto start = std::chrono::steady_clock::now();
  f();
  seconds[step] += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

Plan::Plan(Graph graph, const PlanOptions& options, PackedWeights& weights) : workers_(num_threads()) {
  rewrite(graph, options);
  cut_into_micro_batches(graph, options);
  bind(assign_layouts(std::move(graph), options), options, weights);
}

Plan::~Plan() = default;

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
      infos_[static_cast<std::size_t>(step_of_node[i])].offset = locations_[at(graph.nodes[i].outputs[0])].offset;
    }
  }
}

void Plan::make_bands(Lifetimes& values) {
  auto& [root, lives] = values;
  std::vector<Rowwise> steps;
  for (const auto& step : steps_) {
    steps.push_back(step->rowwise());
    for (ValueId* id : {&steps.back().x, &steps.back().residual, &steps.back().y}) {
      if (*id >= 0) *id = root[at(*id)];
    }
  }
  for (std::size_t i = 0; i + 1 < steps.size(); ++i) {
    if (!steps[i].by_rows() || steps[i].residual >= 0 || steps[i + 1].residual == steps[i].y) continue;
    const Lifetime& life = lives[at(steps[i].y)];
    steps[i].handed_on = life.first == static_cast<int>(i) && life.last == static_cast<int>(i) + 1;
  }
  for (const Band& band : bands_of(steps, kLeastHandedOn, kWindows, workers_, repeated_)) {
    BandTurns turns = turns_of(steps, band, kWindows, workers_);
    std::vector<std::int64_t> windows;  // bytes of each step's, or 0
    std::int64_t all = 0, instead_of = 0;
    for (std::size_t i = band.first; i < band.last; ++i) {
      windows.push_back((turns.window_rows[i - band.first] * steps[i].row_bytes + 63) / 64 * 64);
      all += windows.back() * workers_;
      if (windows.back() > 0) instead_of += lives[at(steps[i].y)].bytes;
    }
    if (all > 0 && all >= instead_of) continue;  // small pictures, or many threads
    bands_.push_back(band);
    turns_.push_back(std::move(turns));
    for (std::size_t i = band.first; i < band.last; ++i) {
      const std::int64_t window = windows[i - band.first];
      if (window == 0) continue;
      windows_[at(steps[i].y)] = window;
      lives[at(steps[i].y)].bytes = window * workers_;
    }
  }
}

void Plan::overwrite_inputs(const Graph& graph, const std::vector<int>& step_of_node, Lifetimes& values) const {
  // Whether another step of the same band, which may run before or after, wants the memory as well.
  const auto wanted_in_band = [&](std::size_t step, ValueId memory) {
    const auto is_it = [&](ValueId id) { return id >= 0 && values.root[at(id)] == memory; };
    for (const auto& [first, last] : bands_) {
      for (std::size_t other = first; first <= step && step < last && other < last; ++other) {
        const Rowwise rows = steps_[other]->rowwise();
        if (other != step && (is_it(rows.x) || is_it(rows.residual) || is_it(rows.y))) return true;
      }
    }
    return false;
  };
  std::vector<ValueId> overwritten(graph.nodes.size(), -1);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    if (step_of_node[i] < 0) continue;
    const auto step = static_cast<std::size_t>(step_of_node[i]);
    const ValueId id = steps_[step]->overwrites();
    if (id >= 0 && !wanted_in_band(step, values.root[at(id)])) overwritten[i] = id;
  }
  overwrite(values, graph, overwritten);
}

void Plan::place_buffers(const Lowered& lowered, const std::vector<int>& step_of_node, const PlanOptions& options) {
  const Graph& graph = lowered.graph;
  const int end = static_cast<int>(steps_.size());
  std::vector<std::int64_t> bytes;
  for (std::size_t i = 0; i < graph.values.size(); ++i) {
    bytes.push_back(bytes_of(graph.values[i].spec.shape, lowered.formats[i]));
  }
  Lifetimes values = lifetimes_of(graph, bytes, step_of_node, end);
  windows_.resize(graph.values.size());
  // In this order: bands and what overwrites its input go by the arrays' own lives, before bands stretch them.
  if (options.bands && kernels::large_l2()) make_bands(values);
  if (options.reuse_memory) overwrite_inputs(graph, step_of_node, values);
  outlive(values.lives, bands_);
  const auto& [root, lives] = values;

  // An input is read where the caller has it, unless a step wants it in the arena or reads beyond its end.
  for (Input& input : inputs_) input.copied = lives[at(input.id)].bytes > bytes[at(input.id)];
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    if (step_of_node[i] < 0 || steps_[static_cast<std::size_t>(step_of_node[i])]->reads_anywhere()) continue;
    for (const ValueId id : graph.nodes[i].inputs) {
      for (Input& input : inputs_) input.copied = input.copied || root[at(id)] == input.id;
    }
  }

  locations_.resize(graph.values.size());
  for (std::size_t i = 0; i < graph.values.size(); ++i) {
    if (graph.values[i].constant.defined()) locations_[i] = {Location::Kind::constant, -1, 0, graph.values[i].constant};
  }
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    if (!inputs_[i].copied) locations_[at(inputs_[i].id)] = {Location::Kind::input, -1, i, {}};
  }
  std::vector<Lifetime> buffers;
  std::vector<std::size_t> owners;
  for (std::size_t i = 0; i < lives.size(); ++i) {
    if (root[i] != static_cast<ValueId>(i) || lives[i].last < 0 || locations_[i].kind != Location::Kind::arena)
      continue;
    buffers.push_back(options.reuse_memory ? lives[i] : Lifetime{lives[i].bytes, 0, end});
    owners.push_back(i);
  }
  const ArenaLayout layout = place(buffers);
  buffer_bytes_ = layout.bytes;
  for (std::size_t i = 0; i < owners.size(); ++i) locations_[owners[i]].offset = layout.offsets[i];
  for (std::size_t i = 0; i < locations_.size(); ++i) {
    if (root[i] == static_cast<ValueId>(i)) continue;
    locations_[i] = locations_[at(root[i])];
    windows_[i] = windows_[at(root[i])];
  }
}

std::int64_t Plan::arena_bytes() const {
  return saturating_add(buffer_bytes_, saturating_mul(scratch_stride_, workers_));
}

std::unique_ptr<Frame> Plan::make_frame() const {
  auto frame = std::make_unique<Frame>();
  frame->memory = allocate_pages(arena_bytes());
  frame->scratch = frame->memory.get() + buffer_bytes_;
  frame->scratch_stride = scratch_stride_;
  frame->workers = workers_;
  frame->windows = &windows_;
  for (const Location& location : locations_) {
    switch (location.kind) {
      case Location::Kind::arena:
        frame->pointers.push_back(frame->memory.get() + location.offset);
        break;
      case Location::Kind::input:
        frame->pointers.push_back(nullptr);
        break;
      case Location::Kind::constant:
        frame->pointers.push_back(location.constant.storage().get());
        break;
    }
  }
  for (const auto& step : steps_) step->bind(*frame);
  return frame;
}

/// A frame of the pool, for the time of one call. Waits while as many calls are running as there may be frames.
class Plan::FrameInUse {
 public:
  explicit FrameInUse(const Plan& plan) : plan_(plan) {
    std::unique_lock lock(plan.mutex_);
    const int most = std::max(2, num_threads());
    plan.returned_.wait(lock, [&] { return !plan.idle_.empty() || plan.frames_ < most; });
    if (!plan.idle_.empty()) {
      frame_ = std::move(plan.idle_.back());
      plan.idle_.pop_back();
      return;
    }
    plan.idle_.reserve(static_cast<std::size_t>(plan.frames_) + 1);  // so that giving back allocates nothing
    frame_ = plan.make_frame();
    made_ = true;
    ++plan.frames_;
  }
  ~FrameInUse() {
    {
      const std::lock_guard lock(plan_.mutex_);
      plan_.idle_.push_back(std::move(frame_));
    }
    plan_.returned_.notify_one();
  }
  FrameInUse(const FrameInUse&) = delete;
  FrameInUse& operator=(const FrameInUse&) = delete;

  Frame& operator*() { return *frame_; }
  /// After the steps: a new frame's pages exist now.
  void gather_pages() const {
    if (made_) gather(frame_->memory.get(), plan_.arena_bytes());
  }

 private:
  const Plan& plan_;
  std::unique_ptr<Frame> frame_;
  bool made_ = false;  // for this call
};

void Plan::take_inputs(Frame& frame, std::span<const Tensor> inputs) const {
  const auto image_bytes = [&](std::size_t i) { return inputs[i].nbytes() / batch_; };
  const auto part = [&](std::size_t i) { return inputs[i].storage().get() + frame.image * image_bytes(i); };
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (!inputs_[i].copied) continue;
    std::memcpy(frame.at(inputs_[i].id), part(i), static_cast<std::size_t>(images_ * image_bytes(i)));
  }
  for (std::size_t value = 0; value < locations_.size(); ++value) {
    if (locations_[value].kind == Location::Kind::input) frame.pointers[value] = part(locations_[value].index);
  }
}

void Plan::run_step(Frame& frame, std::size_t step, std::span<double> seconds) const {
  timed(seconds, step, [&] { steps_[step]->run(frame); });
}

void Plan::run_band(Frame& frame, std::size_t band, std::span<double> seconds) const {
  const auto& turns = turns_[band].of_thread;
  std::mutex mutex;
  std::vector<double> all(seconds.size());
  int workers = 0;  // that take part
  parallel_for_workers(std::ssize(turns), 1, frame.workers, [&](int worker, std::int64_t first, std::int64_t last) {
    std::vector<double> own(seconds.size());
    for (std::int64_t thread = first; thread < last; ++thread) {
      for (const Turn& turn : turns[static_cast<std::size_t>(thread)]) {
        timed(own, turn.step, [&] { steps_[turn.step]->run_rows(frame, turn, worker); });
      }
    }
    const std::lock_guard lock(mutex);
    ++workers;
    for (std::size_t i = 0; i < own.size(); ++i) all[i] += own[i];
  });
  for (std::size_t i = 0; i < all.size(); ++i) seconds[i] += all[i] / workers;
}

void Plan::run_steps(Frame& frame, std::size_t first, std::size_t last, std::span<double> seconds) const {
  auto band = std::ranges::find_if(bands_, [&](const Band& other) { return other.first >= first; });
  for (std::size_t step = first; step < last;) {
    if (steps_[step]->calls_user_code()) {
      run_step(frame, step++, seconds);
      continue;
    }
    with_team(team_, [&] {
      while (step < last && !steps_[step]->calls_user_code()) {
        if (band == bands_.end() || band->first > step) {
          run_step(frame, step++, seconds);
          continue;
        }
        run_band(frame, static_cast<std::size_t>(band - bands_.begin()), seconds);
        step = band->last;
        ++band;
      }
    });
  }
}

void detail::expect_values(std::span<const Tensor> inputs) {
  for (const Tensor& input : inputs) {
    if (input.is_symbolic()) fail("a compiled model cannot be traced or summarised: call the model itself there");
  }
}

std::vector<Tensor> Plan::run(std::span<const Tensor> inputs, std::span<double> seconds) const {
  if (!seconds.empty() && seconds.size() != steps_.size()) {
    fail("the plan has ", steps_.size(), " steps, got room for the seconds of ", seconds.size());
  }
  if (inputs.size() != inputs_.size()) fail("the plan takes ", inputs_.size(), " inputs, got ", inputs.size());
  detail::expect_values(inputs);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const TensorSpec given(inputs[i].shape(), inputs[i].dtype());
    if (given != inputs_[i].spec) {
      const std::string which = inputs.size() > 1 ? str(i, ", ") : "";
      fail("the plan was made for an input ", which, inputs_[i].spec, ", got ", given);
    }
  }
  FrameInUse in_use(*this);
  Frame& frame = *in_use;
  for (std::int64_t done = 0; done < batch_; done += images_) {
    frame.image = std::min(done, batch_ - images_);
    take_inputs(frame, inputs);
    run_steps(frame, 0, repeated_, seconds);
  }
  run_steps(frame, repeated_, steps_.size(), seconds);
  in_use.gather_pages();
  std::vector<Tensor> outputs;
  outputs.reserve(outputs_.size());
  for (const auto& [id, spec] : outputs_) {
    outputs.push_back(empty(spec.shape, spec.dtype));
    std::memcpy(outputs.back().storage().get(), frame.at(id), static_cast<std::size_t>(outputs.back().nbytes()));
  }
  return outputs;
}

}  // namespace minnow
