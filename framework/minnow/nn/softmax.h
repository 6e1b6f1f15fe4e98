#pragma once

#include <minnow/core/export.h>
#include <minnow/nn/module.h>
#include <minnow/ops/softmax.h>

namespace minnow::nn {

/// exp(x) over its sum along `dim`. https://pytorch.org/docs/stable/generated/torch.nn.Softmax.html
struct MINNOW_API Softmax : Module {
  explicit Softmax(int dimension) : dim(dimension) {}

  Tensor forward(const Tensor& x) const override { return softmax(x, dim); }
  std::string extra_repr() const override { return str("dim=", dim); }

  int dim;
};

}  // namespace minnow::nn
