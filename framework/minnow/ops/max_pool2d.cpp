#include <algorithm>
#include <cmath>
#include <limits>

#include <minnow/core/threads.h>
#include <minnow/ops/check.h>
#include <minnow/ops/max_pool2d.h>

namespace minnow {

MaxPool2dOp::MaxPool2dOp(Pair kernel_size, const MaxPool2dOptions& options)
    : window{kernel_size, options.stride.or_kernel(kernel_size), options.padding, options.dilation, options.ceil_mode} {
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
  const std::int64_t in_h = inputs[0].dim(-2), in_w = inputs[0].dim(-1);
  const std::int64_t out_h = outputs[0].dim(-2), out_w = outputs[0].dim(-1);
  const auto [kernel, stride, padding, dilation, ceil_mode] = window;
  const float* x = inputs[0].data();
  float* y = outputs[0].data();
  const auto row = [&, kernel = kernel, stride = stride, padding = padding, dilation = dilation](
                       const float* plane, std::int64_t i, float* out) {
    for (std::int64_t j = 0; j < out_w; ++j) {
      float best = -std::numeric_limits<float>::infinity();
      for (std::int64_t a = 0; a < kernel.h; ++a) {
        const std::int64_t h = i * stride.h - padding.h + a * dilation.h;
        if (h < 0 || h >= in_h) continue;
        for (std::int64_t b = 0; b < kernel.w; ++b) {
          const std::int64_t w = j * stride.w - padding.w + b * dilation.w;
          if (w < 0 || w >= in_w) continue;
          const float value = plane[h * in_w + w];
          if (value > best || std::isnan(value)) best = value;
        }
      }
      out[j] = best;
    }
  };
  parallel_for(outputs[0].numel() / out_w, 16, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t r = first; r < last; ++r) row(x + r / out_h * in_h * in_w, r % out_h, y + r * out_w);
  });
}

Tensor max_pool2d(const Tensor& x, Pair kernel_size, const MaxPool2dOptions& options) {
  return apply<MaxPool2dOp>({x}, kernel_size, options);
}

}  // namespace minnow
