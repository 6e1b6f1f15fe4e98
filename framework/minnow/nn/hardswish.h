#pragma once

#include <minnow/core/export.h>
#include <minnow/nn/module.h>
#include <minnow/ops/unary.h>

namespace minnow::nn {

/// x * relu6(x + 3) / 6, element by element. https://pytorch.org/docs/stable/generated/torch.nn.Hardswish.html
struct MINNOW_API Hardswish : Module {
  Tensor forward(const Tensor& x) const override { return hardswish(x); }
};

}  // namespace minnow::nn
