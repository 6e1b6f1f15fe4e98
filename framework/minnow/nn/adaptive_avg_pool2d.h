#pragma once

#include <minnow/core/export.h>
#include <minnow/nn/module.h>
#include <minnow/nn/repr.h>
#include <minnow/ops/adaptive_avg_pool2d.h>

namespace minnow::nn {

/// The mean of each of size.h x size.w regions, whatever the picture's size: [N, C, H, W] -> [N, C, size.h, size.w], or
/// without N; an empty entry of the size keeps the input's.
/// https://pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool2d.html
struct MINNOW_API AdaptiveAvgPool2d : Module {
  explicit AdaptiveAvgPool2d(OutputSize size) : output_size(size) {}

  Tensor forward(const Tensor& x) const override { return adaptive_avg_pool2d(x, output_size); }
  std::string extra_repr() const override { return "output_size=" + repr(output_size); }

  OutputSize output_size;
};

}  // namespace minnow::nn
