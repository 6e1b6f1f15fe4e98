#pragma once

#include <minnow/core/export.h>
#include <minnow/ops/op.h>
#include <minnow/ops/pooling.h>

namespace minnow {

struct MaxPool2dOptions {
  PoolStride stride = {};
  Pair padding = 0;
  Pair dilation = 1;
  bool ceil_mode = false;
};

struct MINNOW_API MaxPool2dOp final : Op {
  MaxPool2dOp(Pair kernel_size, const MaxPool2dOptions& options);
  std::string_view name() const override { return "max_pool2d"; }
  std::string attributes() const override;
  std::vector<TensorSpec> infer(std::span<const TensorSpec> inputs) const override;
  void eval(std::span<const Tensor> inputs, std::span<Tensor> outputs) const override;

  const PoolWindow window;
};

constexpr Shape max_pool2d_shape(const Shape& x, Pair kernel_size, const MaxPool2dOptions& options = {}) {
  return pooled_shape(
      "max_pool2d", x,
      {kernel_size, options.stride.or_kernel(kernel_size), options.padding, options.dilation, options.ceil_mode});
}

/// The largest element of each window; a NaN in the window wins. [N, C, H, W] -> [N, C, H', W'], or without N.
/// Pads with -inf, by at most half of the kernel. https://pytorch.org/docs/stable/generated/torch.nn.MaxPool2d.html
MINNOW_API Tensor max_pool2d(const Tensor& x, Pair kernel_size, const MaxPool2dOptions& options = {});

}  // namespace minnow
