#include <minnow/core/error.h>
#include <minnow/ops/op.h>

namespace minnow {
namespace {

thread_local Listener* listener_now = nullptr;

}  // namespace

std::vector<Tensor> apply(std::shared_ptr<const Op> op, std::span<const Tensor> inputs) {
  for (const Tensor& input : inputs) {
    if (!input.defined()) fail(op->name(), ": an input is an undefined tensor");
  }
  if (Listener* listener = listener_now) return listener->apply(op, inputs);
  return evaluate(*op, inputs);
}

std::vector<Tensor> evaluate(const Op& op, std::span<const Tensor> inputs) {
  std::vector<TensorSpec> specs;
  for (const Tensor& input : inputs) {
    if (input.is_symbolic()) fail(op.name(), ": a symbolic tensor ", input.shape(), " is used outside of its trace");
    specs.push_back({input.shape(), input.dtype()});
  }
  const std::vector<TensorSpec> inferred = op.infer(specs);
  if (op.is_view()) return {inputs.front().with_shape(inferred.front().shape)};
  std::vector<Tensor> outputs;
  for (const TensorSpec& spec : inferred) outputs.push_back(empty(spec.shape, spec.dtype));
  op.eval(inputs, outputs);
  return outputs;
}

ListenerScope::ListenerScope(Listener* listener) : outer_(listener_now) { listener_now = listener; }

ListenerScope::~ListenerScope() { listener_now = outer_; }

Listener* current_listener() { return listener_now; }

}  // namespace minnow
