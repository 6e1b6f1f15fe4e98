#pragma once

#include <cstdint>
#include <utility>

#include <minnow/core/export.h>
#include <minnow/ops/op.h>
#include <minnow/ops/options.h>

namespace minnow {

enum class InterpolateMode : std::uint8_t { nearest, bilinear };

/// Of `interpolate` and of the layer nn::Upsample. Give either the size or the scale factor.
struct InterpolateOptions {
  OptionalPair size = {};
  ScaleFactor scale_factor = {};
  InterpolateMode mode = InterpolateMode::nearest;
  bool align_corners = false;  ///< bilinear: the centres of the corner pixels coincide
};

/// [N, C, H, W] or [C, H, W] at the size that the options mean.
constexpr Shape interpolate_shape(const Shape& input, const InterpolateOptions& options) {
  if (input.rank() != 3 && input.rank() != 4) fail("interpolate: expected [N, C, H, W] or [C, H, W], got ", input);
  if (options.size.has_value() == options.scale_factor.given) {
    fail("interpolate: give either size or scale_factor (input ", input, ")");
  }
  if (options.align_corners && options.mode == InterpolateMode::nearest) {
    fail("interpolate: align_corners is for bilinear only");
  }
  Shape result = input;
  if (options.size) {
    result[-2] = options.size->h;
    result[-1] = options.size->w;
  } else {
    for (const auto& [dim, factor] : {std::pair(-2, options.scale_factor.h), {-1, options.scale_factor.w}}) {
      const double scaled = static_cast<double>(input[dim]) * factor;
      if (!(scaled >= 1 && scaled < 9e15)) fail("interpolate: the input ", input, " scaled gives a size of ", scaled);
      result[dim] = static_cast<std::int64_t>(scaled);
    }
  }
  if (result[-2] < 1 || result[-1] < 1 || input[-2] < 1 || input[-1] < 1) {
    fail("interpolate: sizes must be at least 1 (input ", input, ", output ", result, ")");
  }
  return result;
}

/// A picture at another size.
struct MINNOW_API InterpolateOp final : Op {
  explicit InterpolateOp(const InterpolateOptions& how) : options(how) {}
  std::string_view name() const override { return "interpolate"; }
  std::string attributes() const override;
  std::vector<TensorSpec> infer(std::span<const TensorSpec> inputs) const override;
  void eval(std::span<const Tensor> inputs, std::span<Tensor> outputs) const override;

  const InterpolateOptions options;
};

/// [N, C, H, W] or [C, H, W] resized, without antialiasing: interpolate(x, {.size = {224, 224}}),
/// interpolate(x, {.scale_factor = 2, .mode = InterpolateMode::bilinear}). Copies.
/// https://pytorch.org/docs/1.13/generated/torch.nn.functional.interpolate.html
MINNOW_API Tensor interpolate(const Tensor& x, const InterpolateOptions& options);

}  // namespace minnow
