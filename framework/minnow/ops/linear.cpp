#include <minnow/core/saturate.h>
#include <minnow/ops/check.h>
#include <minnow/ops/gemm.h>
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
  return saturating_mul(linear_shape(inputs[0].shape, weight).numel(), weight[1]);
}

void LinearOp::eval(std::span<const Tensor> inputs, std::span<Tensor> outputs) const {
  const std::int64_t in = inputs[1].dim(1), out = inputs[1].dim(0);
  const std::int64_t rows = out == 0 ? 0 : outputs[0].numel() / out;
  const float* bias = inputs.size() > 2 ? inputs[2].data() : nullptr;
  detail::multiply(1, [&](std::int64_t) {
    return kernels::GemmArgs{.m = rows,
                             .n = out,
                             .k = in,
                             .a = {.data = inputs[0].data(), .row = in, .column = 1},
                             .b = {.data = inputs[1].data(), .row = 1, .column = in},
                             .c = outputs[0].data(),
                             .c_row = out,
                             .column_bias = bias};
  });
}

Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias) {
  return bias.defined() ? apply<LinearOp>({x, weight, bias}) : apply<LinearOp>({x, weight});
}

}  // namespace minnow
