#include <minnow/ops/check.h>
#include <minnow/ops/kernels.h>
#include <minnow/ops/max_pool2d.h>
#include <minnow/ops/planes.h>

namespace minnow {

MaxPool2dOp::MaxPool2dOp(Pair kernel_size, const MaxPool2dOptions& options)
    : window{kernel_size, options.stride.or_kernel(kernel_size), options.padding, options.dilation, options.ceil_mode} {
  check_window("max_pool2d", window);
}

std::string MaxPool2dOp::attributes() const {
  std::string text = str("kernel_size=", window.kernel_size, " stride=", window.stride);
  if (window.padding != 0) text += str(" padding=", window.padding);
  if (window.dilation != 1) text += str(" dilation=", window.dilation);
  return window.ceil_mode ? text + " ceil_mode=true" : text;
}

std::vector<TensorSpec> MaxPool2dOp::infer(std::span<const TensorSpec> inputs) const {
  detail::expect_float32(name(), inputs);
  return {{pooled_shape("max_pool2d", inputs[0].shape, window)}};
}

void MaxPool2dOp::eval(std::span<const Tensor> inputs, std::span<Tensor> outputs) const {
  const Tensor& input = inputs[0];
  Tensor& output = outputs[0];
  detail::for_planes(input, output, [&](const float* x, float* y, std::int64_t planes) {
    kernels::table().max_pool({.x = x,
                               .out = y,
                               .planes = planes,
                               .in_h = input.dim(-2),
                               .in_w = input.dim(-1),
                               .out_h = output.dim(-2),
                               .out_w = output.dim(-1),
                               .kernel_h = window.kernel_size.h,
                               .kernel_w = window.kernel_size.w,
                               .stride_h = window.stride.h,
                               .stride_w = window.stride.w,
                               .pad_h = window.padding.h,
                               .pad_w = window.padding.w,
                               .dilation_h = window.dilation.h,
                               .dilation_w = window.dilation.w});
  });
}

Tensor max_pool2d(const Tensor& x, Pair kernel_size, const MaxPool2dOptions& options) {
  return apply<MaxPool2dOp>({x}, kernel_size, options);
}

}  // namespace minnow
