#pragma once

#include <minnow/core/export.h>
#include <minnow/nn/module.h>
#include <minnow/ops/unary.h>

namespace minnow::nn {

/// x * sigmoid(x), element by element. https://pytorch.org/docs/stable/generated/torch.nn.SiLU.html
struct MINNOW_API SiLU : Module {
  Tensor forward(const Tensor& x) const override { return silu(x); }
};

}  // namespace minnow::nn
