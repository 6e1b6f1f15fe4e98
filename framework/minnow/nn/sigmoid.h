#pragma once

#include <minnow/core/export.h>
#include <minnow/nn/module.h>
#include <minnow/ops/unary.h>

namespace minnow::nn {

/// 1 / (1 + exp(-x)), element by element. https://pytorch.org/docs/stable/generated/torch.nn.Sigmoid.html
struct MINNOW_API Sigmoid : Module {
  Tensor forward(const Tensor& x) const override { return sigmoid(x); }
};

}  // namespace minnow::nn
