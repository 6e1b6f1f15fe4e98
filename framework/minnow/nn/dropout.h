#pragma once

#include <minnow/core/export.h>
#include <minnow/nn/module.h>
#include <minnow/nn/repr.h>
#include <minnow/ops/dropout.h>

namespace minnow::nn {

/// In training mode zeroes elements with probability p and scales the others by 1 / (1 - p).
/// https://pytorch.org/docs/stable/generated/torch.nn.Dropout.html
struct MINNOW_API Dropout : Module {
  explicit Dropout(double probability = 0.5) : p(probability) {
    if (!(p >= 0 && p <= 1)) fail("Dropout: p must lie between 0 and 1, got ", p);
  }

  Tensor forward(const Tensor& x) const override { return dropout(x, p, is_training()); }
  std::string extra_repr() const override { return "p=" + repr(p) + ", inplace=False"; }

  double p;
};

}  // namespace minnow::nn
