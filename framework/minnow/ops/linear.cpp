#include <minnow/core/threads.h>
#include <minnow/ops/check.h>
#include <minnow/ops/linear.h>

namespace minnow {

std::vector<TensorSpec> LinearOp::infer(std::span<const TensorSpec> inputs) const {
  detail::expect_float32(name(), inputs);
  const Shape& weight = inputs[1].shape;
  const Shape out = linear_shape(inputs[0].shape, weight);
  if (inputs.size() > 2 && inputs[2].shape != Shape{weight[0]}) {
    fail("linear: expected a bias [", weight[0], "] (weight ", weight, "), got ", inputs[2].shape);
  }
  return {{out}};
}

std::int64_t LinearOp::multiply_adds(std::span<const TensorSpec> inputs) const {
  const Shape& weight = inputs[1].shape;
  return linear_shape(inputs[0].shape, weight).numel() * weight[1];
}

void LinearOp::eval(std::span<const Tensor> inputs, std::span<Tensor> outputs) const {
  const std::int64_t in = inputs[1].dim(1), out = inputs[1].dim(0);
  const float* weight = inputs[1].data();
  const float* bias = inputs.size() > 2 ? inputs[2].data() : nullptr;
  const float* x = inputs[0].data();
  float* y = outputs[0].data();
  parallel_for(outputs[0].numel(), 64, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t i = first; i < last; ++i) {
      const std::int64_t row = i / out, column = i % out;
      double sum = bias ? bias[column] : 0.0;
      for (std::int64_t k = 0; k < in; ++k) sum += static_cast<double>(x[row * in + k]) * weight[column * in + k];
      y[i] = static_cast<float>(sum);
    }
  });
}

Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias) {
  return bias.defined() ? apply<LinearOp>({x, weight, bias}) : apply<LinearOp>({x, weight});
}

}  // namespace minnow
