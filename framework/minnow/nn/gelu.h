#pragma once

#include <minnow/core/export.h>
#include <minnow/nn/module.h>
#include <minnow/ops/unary.h>

namespace minnow::nn {

/// x * (1 + erf(x / sqrt(2))) / 2, element by element. https://pytorch.org/docs/stable/generated/torch.nn.GELU.html
struct MINNOW_API GELU : Module {
  Tensor forward(const Tensor& x) const override { return gelu(x); }
  std::string extra_repr() const override { return "approximate='none'"; }
};

}  // namespace minnow::nn
