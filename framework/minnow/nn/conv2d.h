#pragma once

#include <minnow/core/export.h>
#include <minnow/nn/module.h>
#include <minnow/ops/options.h>

namespace minnow::nn {

struct Conv2dOptions {
  Pair stride = 1;
  Padding padding = 0;  ///< a number, {height, width}, "same" or "valid"
  Pair dilation = 1;
  std::int64_t groups = 1;
  bool bias = true;
};

/// 2-d convolution: [N, in, H, W] -> [N, out, H', W'], or without N. Throws where the channels do not divide by the
/// groups, and for "same" with a stride. https://pytorch.org/docs/stable/generated/torch.nn.Conv2d.html
struct MINNOW_API Conv2d : Module {
  Conv2d(std::int64_t in, std::int64_t out, Pair kernel, Conv2dOptions opts = {});

  Tensor forward(const Tensor& x) const override;
  std::string extra_repr() const override;

  std::int64_t in_channels, out_channels;
  Pair kernel_size;
  Conv2dOptions options;
  Parameter weight;  // [out, in / groups, kernel height, kernel width]
  Parameter bias;    // [out], or absent
};

}  // namespace minnow::nn
