#pragma once

#include <minnow/core/export.h>
#include <minnow/nn/module.h>
#include <minnow/nn/repr.h>
#include <minnow/ops/unary.h>

namespace minnow::nn {

/// x, or slope * x below zero, element by element.
/// https://pytorch.org/docs/stable/generated/torch.nn.LeakyReLU.html
struct MINNOW_API LeakyReLU : Module {
  explicit LeakyReLU(double slope = 0.01) : negative_slope(slope) {}

  Tensor forward(const Tensor& x) const override { return leaky_relu(x, negative_slope); }
  std::string extra_repr() const override { return "negative_slope=" + repr(negative_slope); }

  double negative_slope;
};

}  // namespace minnow::nn
