#pragma once

#include <concepts>
#include <initializer_list>
#include <iosfwd>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <minnow/core/export.h>
#include <minnow/nn/module.h>
#include <minnow/ops/input_specs.h>
#include <minnow/plan/options.h>
#include <minnow/plan/plan.h>

namespace minnow {

/// A model as plans, one for each shape of its inputs: several times as fast as calling it layer by layer. Thread-safe:
/// several threads may call it at once, all within num_threads(). Made by `compile`.
///
/// After a change of the model's weights, or of its modules, call refresh(): until then a call may use old weights,
/// or old ones and new ones mixed. Weights must not be written while a call runs. Where `forward` keeps a tensor for
/// later calls, it must replace it, not write over it: plans go on reading it. A plan uses no more threads than
/// num_threads() was when it was made.
class MINNOW_API CompiledModel {
 public:
  /// The model's output; taps are left out.
  template <std::same_as<Tensor>... More>
  Tensor operator()(const Tensor& x, const More&... more) const {
    const Tensor inputs[] = {x, more...};
    return run(inputs).front();
  }
  /// The model's output, followed by those of the taps in their order. The first call with inputs of a new shape makes
  /// a plan. Throws where the model cannot be traced, and where it was only referred to and has moved or died.
  std::vector<Tensor> run(std::span<const Tensor> inputs) const;
  std::vector<Tensor> run(std::initializer_list<Tensor> inputs) const {
    return run(std::span(inputs.begin(), inputs.size()));
  }

  /// The plan for such inputs, made now if there is none yet: `plan({1, 3, 224, 224})`; of a model of two inputs
  /// `plan({{1, 3, 224, 224}, {1, 16}})`.
  std::shared_ptr<const Plan> plan(const InputSpecs& inputs) const;

  struct Memory {
    std::int64_t weights;  ///< bytes of packed weights, of all plans
    std::int64_t arena;    ///< bytes of the arena that a running call with these inputs takes
  };
  /// What calls with these inputs take, whose plan is made now if there is none yet.
  Memory memory(const InputSpecs& inputs) const;

  /// Plan::describe of the plan for these inputs, and the memory that all plans share.
  std::string describe(const InputSpecs& inputs) const;

  /// Plans anew with the model's weights as they are now. Calls that are running finish on the old ones. Where it
  /// throws, since the model has hooks now or cannot be traced, calls go on with the old plans and weights.
  void refresh();

 private:
  struct State;

  explicit CompiledModel(std::shared_ptr<State> state) : state_(std::move(state)) {}
  State& state() const;  // throws where it has been moved elsewhere
  friend CompiledModel compile(nn::AnyModule&& model, PlanOptions options);
  friend CompiledModel compile(const nn::Module& model, PlanOptions options);

  std::shared_ptr<State> state_;
};

/// Compiles a model, as in eval mode, whatever its mode is; the model is not touched. Given an rvalue it owns the
/// model: `auto fast = compile(std::move(net))`. Otherwise it refers to it, and throws when called after the model has
/// moved or died. Throws for a model with hooks: name the modules whose outputs you want in PlanOptions::taps. What
/// forward draws (rand, a dropout that is always on) is drawn once, when a plan is made.
MINNOW_API CompiledModel compile(nn::AnyModule&& model, PlanOptions options = {});
MINNOW_API CompiledModel compile(const nn::Module& model, PlanOptions options = {});
template <std::derived_from<nn::Module> M>
requires(!std::is_lvalue_reference_v<M>) CompiledModel compile(M&& model, PlanOptions options = {}) {
  return compile(nn::AnyModule(std::move(model)), std::move(options));
}

/// The same, and makes the plan for such inputs now: `compile(net, {1, 3, 224, 224})`.
template <class Model>
CompiledModel compile(Model&& model, const InputSpecs& inputs, PlanOptions options = {}) {
  CompiledModel result = compile(std::forward<Model>(model), std::move(options));
  (void)result.plan(inputs);
  return result;
}

}  // namespace minnow
