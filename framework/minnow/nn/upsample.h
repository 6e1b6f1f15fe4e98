#pragma once

#include <minnow/core/export.h>
#include <minnow/nn/module.h>
#include <minnow/ops/interpolate.h>

namespace minnow::nn {

/// The picture at another size: [N, C, H, W] -> [N, C, H', W'], or without N. Throws where both size and scale factor
/// are given, or neither. https://pytorch.org/docs/stable/generated/torch.nn.Upsample.html
struct MINNOW_API Upsample : Module {
  explicit Upsample(InterpolateOptions opts);

  Tensor forward(const Tensor& x) const override { return interpolate(x, options); }
  std::string extra_repr() const override;

  InterpolateOptions options;
};

}  // namespace minnow::nn
