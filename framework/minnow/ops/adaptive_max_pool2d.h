#pragma once

#include <minnow/core/export.h>
#include <minnow/ops/op.h>
#include <minnow/ops/pooling.h>

namespace minnow {

struct MINNOW_API AdaptiveMaxPool2dOp final : Op {
  explicit AdaptiveMaxPool2dOp(const OutputSize& output_size) : size(output_size) {}
  std::string_view name() const override { return "adaptive_max_pool2d"; }
  std::string attributes() const override { return str("output_size=", size); }
  std::vector<TensorSpec> infer(std::span<const TensorSpec> inputs) const override;
  void eval(std::span<const Tensor> inputs, std::span<Tensor> outputs) const override;

  const OutputSize size;
};

constexpr Shape adaptive_max_pool2d_shape(const Shape& x, const OutputSize& output_size) {
  return adaptive_pooled_shape("adaptive_max_pool2d", x, output_size);
}

/// The largest element of each of output_size.h x output_size.w regions, which cover the picture whatever its size; a
/// NaN in the region wins. [N, C, H, W] -> [N, C, output_size.h, output_size.w], or without N; an empty entry keeps the
/// input's size. https://pytorch.org/docs/stable/generated/torch.nn.AdaptiveMaxPool2d.html
MINNOW_API Tensor adaptive_max_pool2d(const Tensor& x, const OutputSize& output_size);

}  // namespace minnow
