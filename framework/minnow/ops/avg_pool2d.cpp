#include <algorithm>

#include <minnow/core/threads.h>
#include <minnow/ops/avg_pool2d.h>
#include <minnow/ops/check.h>

namespace minnow {

AvgPool2dOp::AvgPool2dOp(Pair kernel_size, const AvgPool2dOptions& options)
    : window{kernel_size, options.stride.or_kernel(kernel_size), options.padding, 1, options.ceil_mode},
      count_include_pad(options.count_include_pad),
      divisor_override(options.divisor_override) {
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
  const std::int64_t in_h = inputs[0].dim(-2), in_w = inputs[0].dim(-1);
  const std::int64_t out_h = outputs[0].dim(-2), out_w = outputs[0].dim(-1);
  const Pair kernel = window.kernel_size, stride = window.stride, padding = window.padding;
  const float* x = inputs[0].data();
  float* y = outputs[0].data();
  const auto row = [&](const float* plane, std::int64_t i, float* out) {
    const std::int64_t top = i * stride.h - padding.h, bottom = std::min(top + kernel.h, in_h + padding.h);
    const std::int64_t h0 = std::max<std::int64_t>(top, 0), h1 = std::min(bottom, in_h);
    for (std::int64_t j = 0; j < out_w; ++j) {
      const std::int64_t left = j * stride.w - padding.w, right = std::min(left + kernel.w, in_w + padding.w);
      const std::int64_t w0 = std::max<std::int64_t>(left, 0), w1 = std::min(right, in_w);
      float sum = 0;
      for (std::int64_t h = h0; h < h1; ++h) {
        for (std::int64_t w = w0; w < w1; ++w) sum += plane[h * in_w + w];
      }
      const std::int64_t count = count_include_pad ? (bottom - top) * (right - left) : (h1 - h0) * (w1 - w0);
      out[j] = sum / static_cast<float>(divisor_override.value_or(count));
    }
  };
  parallel_for(outputs[0].numel() / out_w, 16, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t r = first; r < last; ++r) row(x + r / out_h * in_h * in_w, r % out_h, y + r * out_w);
  });
}

Tensor avg_pool2d(const Tensor& x, Pair kernel_size, const AvgPool2dOptions& options) {
  return apply<AvgPool2dOp>({x}, kernel_size, options);
}

}  // namespace minnow
