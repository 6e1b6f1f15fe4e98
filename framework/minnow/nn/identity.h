#pragma once

#include <minnow/core/export.h>
#include <minnow/nn/module.h>

namespace minnow::nn {

/// Its input, unchanged. https://pytorch.org/docs/stable/generated/torch.nn.Identity.html
struct MINNOW_API Identity : Module {
  Tensor forward(const Tensor& x) const override { return x; }
};

}  // namespace minnow::nn
