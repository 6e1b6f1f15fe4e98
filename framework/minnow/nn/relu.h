#pragma once

#include <minnow/core/export.h>
#include <minnow/nn/module.h>
#include <minnow/ops/unary.h>

namespace minnow::nn {

/// max(x, 0), which keeps NaN, element by element. https://pytorch.org/docs/stable/generated/torch.nn.ReLU.html
struct MINNOW_API ReLU : Module {
  Tensor forward(const Tensor& x) const override { return relu(x); }
};

}  // namespace minnow::nn
