#pragma once

#include <minnow/core/export.h>
#include <minnow/nn/module.h>
#include <minnow/ops/view.h>

namespace minnow::nn {

/// The dimensions start_dim to end_dim as one: [N, C, H, W] -> [N, C * H * W]. Shares the elements.
/// https://pytorch.org/docs/stable/generated/torch.nn.Flatten.html
struct MINNOW_API Flatten : Module {
  explicit Flatten(int start = 1, int end = -1) : start_dim(start), end_dim(end) {}

  Tensor forward(const Tensor& x) const override { return flatten(x, start_dim, end_dim); }
  std::string extra_repr() const override { return str("start_dim=", start_dim, ", end_dim=", end_dim); }

  int start_dim, end_dim;
};

}  // namespace minnow::nn
