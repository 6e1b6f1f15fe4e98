#include <minnow/ops/avg_pool2d.h>
#include <minnow/ops/check.h>
#include <minnow/ops/kernels.h>
#include <minnow/ops/planes.h>

namespace minnow {

AvgPool2dOp::AvgPool2dOp(Pair kernel_size, const AvgPool2dOptions& options)
    : window{kernel_size, options.stride.or_kernel(kernel_size), options.padding, 1, options.ceil_mode},
      count_include_pad(options.count_include_pad),
      divisor_override(options.divisor_override) {
  check_window("avg_pool2d", window);
  if (divisor_override == 0) fail("avg_pool2d: divisor_override must not be 0");
}

std::string AvgPool2dOp::attributes() const {
  std::string text = str("kernel_size=", window.kernel_size, " stride=", window.stride);
  if (window.padding != 0) text += str(" padding=", window.padding);
  if (window.ceil_mode) text += " ceil_mode=true";
  if (!count_include_pad) text += " count_include_pad=false";
  return divisor_override ? text + str(" divisor_override=", *divisor_override) : text;
}

std::vector<TensorSpec> AvgPool2dOp::infer(std::span<const TensorSpec> inputs) const {
  detail::expect_float32(name(), inputs);
  return {{pooled_shape("avg_pool2d", inputs[0].shape, window)}};
}

void AvgPool2dOp::eval(std::span<const Tensor> inputs, std::span<Tensor> outputs) const {
  const Tensor& input = inputs[0];
  Tensor& output = outputs[0];
  detail::for_planes(input, output, [&](const float* x, float* y, std::int64_t planes) {
    kernels::table().avg_pool({.x = x,
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
                               .count_include_pad = count_include_pad,
                               .divisor = divisor_override.value_or(0)});
  });
}

Tensor avg_pool2d(const Tensor& x, Pair kernel_size, const AvgPool2dOptions& options) {
  return apply<AvgPool2dOp>({x}, kernel_size, options);
}

}  // namespace minnow
