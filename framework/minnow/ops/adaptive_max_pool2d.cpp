#include <minnow/ops/adaptive_max_pool2d.h>
#include <minnow/ops/check.h>
#include <minnow/ops/kernels.h>
#include <minnow/ops/planes.h>

namespace minnow {

std::vector<TensorSpec> AdaptiveMaxPool2dOp::infer(std::span<const TensorSpec> inputs) const {
  detail::expect_float32(name(), inputs);
  return {{adaptive_max_pool2d_shape(inputs[0].shape, size)}};
}

void AdaptiveMaxPool2dOp::eval(std::span<const Tensor> inputs, std::span<Tensor> outputs) const {
  const Tensor& input = inputs[0];
  Tensor& output = outputs[0];
  detail::for_planes(input, output, [&](const float* x, float* y, std::int64_t planes) {
    kernels::table().adaptive_max_pool({.x = x,
                                        .out = y,
                                        .planes = planes,
                                        .in_h = input.dim(-2),
                                        .in_w = input.dim(-1),
                                        .out_h = output.dim(-2),
                                        .out_w = output.dim(-1)});
  });
}

Tensor adaptive_max_pool2d(const Tensor& x, const OutputSize& output_size) {
  return apply<AdaptiveMaxPool2dOp>({x}, output_size);
}

}  // namespace minnow
