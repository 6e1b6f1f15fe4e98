#pragma once

#include <minnow/core/export.h>
#include <minnow/nn/module.h>

namespace minnow::nn {

struct LinearOptions {
  bool bias = true;
};

/// y = x W^T + b over the last dimension: [..., in] -> [..., out].
/// https://pytorch.org/docs/stable/generated/torch.nn.Linear.html
struct MINNOW_API Linear : Module {
  Linear(std::int64_t in, std::int64_t out, LinearOptions options = {});

  Tensor forward(const Tensor& x) const override;
  std::string extra_repr() const override;

  std::int64_t in_features, out_features;
  Parameter weight;  // [out, in]
  Parameter bias;    // [out], or absent
};

}  // namespace minnow::nn
