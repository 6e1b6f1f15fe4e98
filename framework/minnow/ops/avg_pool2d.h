#pragma once

#include <optional>

#include <minnow/core/export.h>
#include <minnow/ops/op.h>
#include <minnow/ops/pooling.h>

namespace minnow {

struct AvgPool2dOptions {
  PoolStride stride = {};
  Pair padding = 0;
  bool ceil_mode = false;
  bool count_include_pad = true;
  std::optional<std::int64_t> divisor_override = {};
};

struct MINNOW_API AvgPool2dOp final : Op {
  AvgPool2dOp(Pair kernel_size, const AvgPool2dOptions& options);
  std::string_view name() const override { return "avg_pool2d"; }
  std::string attributes() const override;
  std::vector<TensorSpec> infer(std::span<const TensorSpec> inputs) const override;
  void eval(std::span<const Tensor> inputs, std::span<Tensor> outputs) const override;

  const PoolWindow window;
  const bool count_include_pad;
  const std::optional<std::int64_t> divisor_override;
};

constexpr Shape avg_pool2d_shape(const Shape& x, Pair kernel_size, const AvgPool2dOptions& options = {}) {
  if (options.divisor_override == 0) fail("avg_pool2d: divisor_override must not be 0");
  return pooled_shape("avg_pool2d", x,
                      {kernel_size, options.stride.or_kernel(kernel_size), options.padding, 1, options.ceil_mode});
}

/// The sum of each window over its divisor. [N, C, H, W] -> [N, C, H', W'], or without N. The divisor is
/// `divisor_override` if given; else the number of elements of the window, which with `count_include_pad` counts the
/// padding, but not what `ceil_mode` adds beyond it.
/// https://pytorch.org/docs/stable/generated/torch.nn.AvgPool2d.html
MINNOW_API Tensor avg_pool2d(const Tensor& x, Pair kernel_size, const AvgPool2dOptions& options = {});

}  // namespace minnow
