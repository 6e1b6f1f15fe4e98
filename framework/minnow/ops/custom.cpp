#include <cstring>

#include <minnow/ops/custom.h>

namespace minnow {

std::vector<TensorSpec> CustomOp::infer(std::span<const TensorSpec> inputs) const {
  std::vector<Shape> shapes;
  for (const TensorSpec& input : inputs) shapes.push_back(input.shape);
  return {{shape_rule(shapes), DType::float32}};
}

void CustomOp::eval(std::span<const Tensor> inputs, std::span<Tensor> outputs) const {
  Tensor output = outputs[0];
  evaluation(inputs, output);
  if (output.storage() == outputs[0].storage()) return;
  // It was assigned instead of written.
  if (output.is_symbolic() || output.shape() != outputs[0].shape() || output.dtype() != outputs[0].dtype()) {
    fail(title, ": expected an output ", outputs[0].shape(), ", got ", output.shape());
  }
  std::memcpy(outputs[0].storage().get(), output.storage().get(), static_cast<std::size_t>(output.nbytes()));
}

CustomFunction::CustomFunction(std::string name, CustomOp::ShapeRule shape_rule, CustomOp::Eval eval) {
  if (name.empty() || !shape_rule || !eval) fail("custom_op: a name, a shape rule and an evaluation are needed");
  op_ = std::make_shared<const CustomOp>(std::move(name), std::move(shape_rule), std::move(eval));
}

Tensor CustomFunction::operator()(std::initializer_list<Tensor> inputs) const {
  return (*this)(std::span<const Tensor>(inputs.begin(), inputs.size()));
}

Tensor CustomFunction::operator()(std::span<const Tensor> inputs) const {
  if (!op_) fail("a custom op is used that has been moved elsewhere: use what it was moved to");
  return minnow::apply(op_, inputs).front();
}

CustomFunction custom_op(std::string name, CustomOp::ShapeRule shape_rule, CustomOp::Eval eval) {
  return {std::move(name), std::move(shape_rule), std::move(eval)};
}

}  // namespace minnow
