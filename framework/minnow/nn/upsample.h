#pragma once

#include <array>
#include <optional>

#include <minnow/core/export.h>
#include <minnow/nn/module.h>
#include <minnow/ops/interpolate.h>

namespace minnow::nn {

/// A factor for height and width: `2`, or `{2, 1.5}` each; nothing unless given.
struct UpsampleScale {
  std::optional<std::array<double, 2>> given;

  constexpr UpsampleScale() = default;
  constexpr UpsampleScale(double both) : given({both, both}) {}
  constexpr UpsampleScale(double height, double width) : given({height, width}) {}
};

/// Give either the size or the scale factor.
struct UpsampleOptions {
  std::optional<Pair> size = {};
  UpsampleScale scale_factor = {};
  InterpolateMode mode = InterpolateMode::nearest;
  bool align_corners = false;  ///< bilinear: the centres of the corner pixels coincide
};

/// The picture at another size: [N, C, H, W] -> [N, C, H', W'], or without N. Throws where both size and scale factor
/// are given, or neither. https://pytorch.org/docs/stable/generated/torch.nn.Upsample.html
struct MINNOW_API Upsample : Module {
  explicit Upsample(UpsampleOptions opts);

  Tensor forward(const Tensor& x) const override { return interpolate(x, options); }
  std::string extra_repr() const override;

  InterpolateOptions options;
};

}  // namespace minnow::nn
