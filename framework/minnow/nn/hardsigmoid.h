#pragma once

#include <minnow/core/export.h>
#include <minnow/nn/module.h>
#include <minnow/ops/unary.h>

namespace minnow::nn {

/// relu6(x + 3) / 6, element by element. https://pytorch.org/docs/stable/generated/torch.nn.Hardsigmoid.html
struct MINNOW_API Hardsigmoid : Module {
  Tensor forward(const Tensor& x) const override { return hardsigmoid(x); }
};

}  // namespace minnow::nn
