#pragma once

#include <minnow/core/export.h>
#include <minnow/nn/module.h>
#include <minnow/nn/repr.h>
#include <minnow/ops/avg_pool2d.h>

namespace minnow::nn {

/// The mean of each window: [N, C, H, W] -> [N, C, H', W'], or without N.
/// https://pytorch.org/docs/stable/generated/torch.nn.AvgPool2d.html
struct MINNOW_API AvgPool2d : Module {
  explicit AvgPool2d(Pair kernel, AvgPool2dOptions opts = {}) : kernel_size(kernel), options(opts) {
    AvgPool2dOp(kernel, opts);  // throws where it cannot be
  }

  Tensor forward(const Tensor& x) const override { return avg_pool2d(x, kernel_size, options); }
  std::string extra_repr() const override {
    return str("kernel_size=", repr(kernel_size), ", stride=", repr(options.stride.or_kernel(kernel_size)),
               ", padding=", repr(options.padding));
  }

  Pair kernel_size;
  AvgPool2dOptions options;
};

}  // namespace minnow::nn
