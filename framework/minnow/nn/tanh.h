#pragma once

#include <minnow/core/export.h>
#include <minnow/nn/module.h>
#include <minnow/ops/unary.h>

namespace minnow::nn {

/// tanh(x), element by element. https://pytorch.org/docs/stable/generated/torch.nn.Tanh.html
struct MINNOW_API Tanh : Module {
  Tensor forward(const Tensor& x) const override { return tanh(x); }
};

}  // namespace minnow::nn
