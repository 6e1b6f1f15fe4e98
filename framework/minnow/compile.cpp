#include <algorithm>
#include <atomic>
#include <list>
#include <mutex>
#include <thread>

#include <minnow/compile.h>
#include <minnow/core/error.h>
#include <minnow/core/scope.h>
#include <minnow/graph/trace.h>
#include <minnow/nn/call.h>
#include <minnow/ops/clone.h>
#include <minnow/plan/packed_weights.h>

namespace minnow {
namespace {

bool matches(std::span<const TensorSpec> specs, std::span<const Tensor> inputs) {
  return std::equal(specs.begin(), specs.end(), inputs.begin(), inputs.end(),
                    [](const TensorSpec& s, const Tensor& t) { return s.shape == t.shape() && s.dtype == t.dtype(); });
}

}  // namespace

struct CompiledModel::State {
  struct Entry {
    std::vector<TensorSpec> inputs;
    std::shared_ptr<const Plan> plan;
  };

  // Plans that share packed weights: what refresh() swaps.
  struct Generation {
    PackedWeights weights;
    std::list<Entry> entries;  // the one used last in front
  };

  // One thread plans at a time.
  class Planning {
   public:
    explicit Planning(const State& state) : state_(state) {
      if (state.planner == std::this_thread::get_id())
        fail("compile: the model calls the compiled model that is being made from it");
      state.planning.lock();
      state.planner = std::this_thread::get_id();
    }
    ~Planning() {
      state_.planner = std::thread::id();
      state_.planning.unlock();
    }
    Planning(const Planning&) = delete;
    Planning& operator=(const Planning&) = delete;

   private:
    const State& state_;
  };

  State(std::unique_ptr<nn::AnyModule> own, const nn::Module& m, PlanOptions o)
      : owned(std::move(own)), model(&m), life(m.life()), options(std::move(o)) {
    check_model();
    for (const std::string& tap : options.taps) (void)model->get(tap);  // throws now where there is none
  }

  void check_model() const {
    if (life.expired()) fail("compile: the model that was compiled has moved or died; compile it where it is now");
    if (model->has_hooks()) {
      fail("compile: a model with forward hooks cannot be compiled; to get the outputs of modules within it, ",
           "name their paths in PlanOptions::taps");
    }
  }

  Graph trace_model(std::span<const TensorSpec> inputs) const {
    const RootScope root;
    std::vector<const nn::Module*> tapped;
    for (const std::string& tap : options.taps) tapped.push_back(&model->get(tap));
    return trace(
        [&](std::span<const Tensor> arguments) {
          std::vector<Tensor> outputs(1 + tapped.size());
          const nn::ObservedCalls observed(
              [&](const nn::Module& module, std::span<const Tensor>, const Tensor& output) {
                for (std::size_t i = 0; i < tapped.size(); ++i) {
                  if (tapped[i] == &module) outputs[i + 1] = clone(output);  // the model may go on to overwrite it
                }
              });
          outputs[0] = model->call(arguments);
          for (std::size_t i = 0; i < tapped.size(); ++i) {
            if (!outputs[i + 1].defined()) fail("compile: the tap \"", options.taps[i], "\" was not called");
          }
          return outputs;
        },
        inputs);
  }

  std::shared_ptr<const Plan> make_plan(std::span<const TensorSpec> inputs, Generation& target) const {
    return std::make_shared<Plan>(trace_model(inputs), options, target.weights);
  }

  // The plan for which `same` holds, moved to the front; null where there is none.
  template <class Same>
  std::shared_ptr<const Plan> find(const Same& same) const {
    const std::lock_guard lock(lookup);
    auto& entries = generation->entries;
    const auto found = std::find_if(entries.begin(), entries.end(), same);
    if (found == entries.end()) return nullptr;
    entries.splice(entries.begin(), entries, found);
    return entries.front().plan;
  }

  std::shared_ptr<const Plan> find_or_make(const std::vector<TensorSpec>& specs) const {
    const auto same = [&](const Entry& entry) { return entry.inputs == specs; };
    if (auto plan = find(same)) return plan;
    const Planning one_at_a_time(*this);
    if (auto plan = find(same)) return plan;
    auto plan = make_plan(specs, *generation);
    const std::lock_guard lock(lookup);
    generation->entries.push_front({specs, plan});
    if (generation->entries.size() > std::max<std::size_t>(options.max_plans, 1)) generation->entries.pop_back();
    return plan;
  }

  void refresh() {
    const Planning one_at_a_time(*this);
    check_model();
    auto next = std::make_shared<Generation>();
    std::vector<std::vector<TensorSpec>> wanted;
    {
      const std::lock_guard lock(lookup);
      for (const Entry& entry : generation->entries) wanted.push_back(entry.inputs);
    }
    for (const auto& inputs : wanted) next->entries.push_back({inputs, make_plan(inputs, *next)});
    const std::lock_guard lock(lookup);
    generation = std::move(next);
  }

  const std::unique_ptr<nn::AnyModule> owned;
  const nn::Module* const model;
  const std::weak_ptr<const void> life;
  const PlanOptions options;
  mutable std::mutex lookup, planning;
  mutable std::atomic<std::thread::id> planner;
  std::shared_ptr<Generation> generation = std::make_shared<Generation>();
};

CompiledModel::State& CompiledModel::state() const {
  if (!state_) fail("a compiled model is used that has been moved elsewhere: use what it was moved to");
  return *state_;
}

std::vector<Tensor> CompiledModel::run(std::span<const Tensor> inputs) const {
  const State& own = state();
  if (own.life.expired()) own.check_model();
  auto plan = own.find([&](const State::Entry& entry) { return matches(entry.inputs, inputs); });
  if (!plan) {
    detail::expect_values(inputs);
    own.check_model();
    std::vector<TensorSpec> specs;
    for (const Tensor& input : inputs) specs.emplace_back(input.shape(), input.dtype());
    plan = own.find_or_make(specs);
  }
  return plan->run(inputs);
}

std::shared_ptr<const Plan> CompiledModel::plan(const InputSpecs& inputs) const {
  state().check_model();
  return state().find_or_make(inputs);
}

CompiledModel::Memory CompiledModel::memory(const InputSpecs& inputs) const {
  const std::int64_t arena = plan(inputs)->arena_bytes();
  const State::Planning none_at_work(state());
  const std::lock_guard lock(state().lookup);
  return {state().generation->weights.bytes(), arena};
}

std::string CompiledModel::describe(const InputSpecs& inputs) const {
  return str(*plan(inputs), "packed weights: ", memory(inputs).weights, " bytes\n");
}

void CompiledModel::refresh() { state().refresh(); }

CompiledModel compile(nn::AnyModule&& model, PlanOptions options) {
  auto owned = std::make_unique<nn::AnyModule>(std::move(model));
  const nn::Module& module = **owned;
  return CompiledModel(std::make_shared<CompiledModel::State>(std::move(owned), module, std::move(options)));
}

CompiledModel compile(const nn::Module& model, PlanOptions options) {
  return CompiledModel(std::make_shared<CompiledModel::State>(nullptr, model, std::move(options)));
}

}  // namespace minnow
