#pragma once

#include <minnow/core/export.h>
#include <minnow/nn/module.h>
#include <minnow/ops/unary.h>

namespace minnow::nn {

/// min(max(x, 0), 6), element by element. https://pytorch.org/docs/stable/generated/torch.nn.ReLU6.html
struct MINNOW_API ReLU6 : Module {
  Tensor forward(const Tensor& x) const override { return relu6(x); }
};

}  // namespace minnow::nn
