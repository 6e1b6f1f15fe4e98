#pragma once

#include <minnow/core/export.h>
#include <minnow/core/saturate.h>
#include <minnow/ops/op.h>
#include <minnow/ops/options.h>

namespace minnow {

/// Padding takes a number, {height, width}, "same" (which needs stride 1) or "valid".
struct Conv2dOptions {
  Pair stride = 1;
  Padding padding = 0;
  Pair dilation = 1;
  std::int64_t groups = 1;
};

/// The zeros around the input. Of an odd number that "same" asks for, the larger half is below and at the right.
struct Conv2dPads {
  std::int64_t top, left, bottom, right;
};

constexpr Conv2dPads conv2d_pads(const Shape& weight, const Conv2dOptions& options) {
  const Pair& size = options.padding.size;
  if (!options.padding.same) return {size.h, size.w, size.h, size.w};
  const std::int64_t rows = saturating_mul(options.dilation.h, weight[2] - 1);
  const std::int64_t columns = saturating_mul(options.dilation.w, weight[3] - 1);
  return {rows / 2, columns / 2, rows - rows / 2, columns - columns / 2};
}

/// Throws where no input could be convolved so.
constexpr void check_options(const Conv2dOptions& options) {
  if (options.stride.h < 1 || options.stride.w < 1) fail("conv2d: the stride must be positive, got ", options.stride);
  if (options.dilation.h < 1 || options.dilation.w < 1) {
    fail("conv2d: the dilation must be positive, got ", options.dilation);
  }
  if (options.padding.size.h < 0 || options.padding.size.w < 0) {
    fail("conv2d: the padding must not be negative, got ", options.padding.size);
  }
  if (options.groups < 1) fail("conv2d: groups must be positive, got ", options.groups);
  if (options.padding.same && options.stride != 1) {
    fail("conv2d: padding \"same\" needs stride 1, got stride ", options.stride);
  }
}

/// [N, C, H, W] or [C, H, W] convolved with the weight [O, C / groups, KH, KW]: [N, O, H', W'] or [O, H', W'].
constexpr Shape conv2d_shape(const Shape& x, const Shape& weight, const Conv2dOptions& options = {}) {
  if (weight.rank() != 4) fail("conv2d: expected a weight [out, in / groups, height, width], got ", weight);
  if (x.rank() != 3 && x.rank() != 4) fail("conv2d: expected an input [N, C, H, W] or [C, H, W], got ", x);
  const std::int64_t groups = options.groups;
  check_options(options);
  if (weight[0] < 1 || weight[1] < 1 || weight[2] < 1 || weight[3] < 1)
    fail("conv2d: the weight ", weight, " is empty");
  if (weight[0] % groups != 0) fail("conv2d: ", groups, " groups do not divide ", weight[0], " output channels");
  if (x[-3] != saturating_mul(weight[1], groups)) {
    fail("conv2d: expected ", saturating_mul(weight[1], groups), " input channels (weight ", weight, ", ", groups,
         " groups), got ", x[-3], " (input ", x, ")");
  }
  const Conv2dPads pads = conv2d_pads(weight, options);
  const auto windows = [](std::int64_t in, std::int64_t before, std::int64_t after, std::int64_t reach) {
    return saturating_add(saturating_add(in, saturating_add(before, after)), -reach) - 1;
  };
  const std::int64_t h = windows(x[-2], pads.top, pads.bottom, saturating_mul(options.dilation.h, weight[2] - 1));
  const std::int64_t w = windows(x[-1], pads.left, pads.right, saturating_mul(options.dilation.w, weight[3] - 1));
  if (h < 0 || w < 0) {
    fail("conv2d: the kernel (weight ", weight, ", dilation ", options.dilation, ") is larger than the padded input ",
         x, ", padding ", Pair(pads.top, pads.left));
  }
  Shape out = x;
  out[-3] = weight[0];
  out[-2] = h / options.stride.h + 1;
  out[-1] = w / options.stride.w + 1;
  return out;
}

/// Inputs: x, weight and, if there is one, bias.
class MINNOW_API Conv2dOp : public Op {
 public:
  explicit Conv2dOp(const Conv2dOptions& conv_options) : options(conv_options) {}
  std::string_view name() const override { return "conv2d"; }
  std::string attributes() const override;
  std::vector<TensorSpec> infer(std::span<const TensorSpec> inputs) const override;
  void eval(std::span<const Tensor> inputs, std::span<Tensor> outputs) const override;
  std::int64_t multiply_adds(std::span<const TensorSpec> inputs) const override;

  const Conv2dOptions options;
};

/// 2-d convolution (cross-correlation, as in torch) of x [N, C, H, W] or [C, H, W] with the weight
/// [O, C / groups, KH, KW], plus the bias [O], which may be undefined. Throws where the shapes do not fit.
/// https://pytorch.org/docs/stable/generated/torch.nn.functional.conv2d.html
MINNOW_API Tensor conv2d(const Tensor& x, const Tensor& weight, const Tensor& bias = {},
                         const Conv2dOptions& options = {});

}  // namespace minnow
