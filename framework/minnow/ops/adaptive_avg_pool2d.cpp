#include <minnow/core/threads.h>
#include <minnow/ops/adaptive_avg_pool2d.h>
#include <minnow/ops/check.h>

namespace minnow {

std::vector<TensorSpec> AdaptiveAvgPool2dOp::infer(std::span<const TensorSpec> inputs) const {
  detail::expect_float32(name(), inputs);
  return {{adaptive_avg_pool2d_shape(inputs[0].shape, size)}};
}

void AdaptiveAvgPool2dOp::eval(std::span<const Tensor> inputs, std::span<Tensor> outputs) const {
  const std::int64_t in_h = inputs[0].dim(-2), in_w = inputs[0].dim(-1);
  const std::int64_t out_h = outputs[0].dim(-2), out_w = outputs[0].dim(-1);
  if (outputs[0].numel() == 0) return;
  const float* x = inputs[0].data();
  float* y = outputs[0].data();
  const auto row = [&](const float* plane, std::int64_t i, float* out) {
    const std::int64_t h0 = region_begin(i, in_h, out_h), h1 = region_end(i, in_h, out_h);
    for (std::int64_t j = 0; j < out_w; ++j) {
      const std::int64_t w0 = region_begin(j, in_w, out_w), w1 = region_end(j, in_w, out_w);
      float sum = 0;
      for (std::int64_t h = h0; h < h1; ++h) {
        for (std::int64_t w = w0; w < w1; ++w) sum += plane[h * in_w + w];
      }
      out[j] = sum / static_cast<float>((h1 - h0) * (w1 - w0));
    }
  };
  parallel_for(outputs[0].numel() / out_w, 16, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t r = first; r < last; ++r) row(x + r / out_h * in_h * in_w, r % out_h, y + r * out_w);
  });
}

Tensor adaptive_avg_pool2d(const Tensor& x, const OutputSize& output_size) {
  return apply<AdaptiveAvgPool2dOp>({x}, output_size);
}

}  // namespace minnow
