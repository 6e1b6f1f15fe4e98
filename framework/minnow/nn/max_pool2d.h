#pragma once

#include <minnow/core/export.h>
#include <minnow/nn/module.h>
#include <minnow/nn/repr.h>
#include <minnow/ops/max_pool2d.h>

namespace minnow::nn {

/// The largest element of each window: [N, C, H, W] -> [N, C, H', W'], or without N.
/// https://pytorch.org/docs/stable/generated/torch.nn.MaxPool2d.html
struct MINNOW_API MaxPool2d : Module {
  explicit MaxPool2d(Pair kernel, MaxPool2dOptions opts = {}) : kernel_size(kernel), options(opts) {
    MaxPool2dOp(kernel, opts);  // throws where it cannot be
  }

  Tensor forward(const Tensor& x) const override { return max_pool2d(x, kernel_size, options); }
  std::string extra_repr() const override {
    return str("kernel_size=", repr(kernel_size), ", stride=", repr(options.stride.or_kernel(kernel_size)),
               ", padding=", repr(options.padding), ", dilation=", repr(options.dilation),
               ", ceil_mode=", repr(options.ceil_mode));
  }

  Pair kernel_size;
  MaxPool2dOptions options;
};

}  // namespace minnow::nn
