#pragma once

#include <optional>

#include <minnow/core/export.h>
#include <minnow/nn/module.h>

namespace minnow::nn {

struct BatchNorm2dOptions {
  double eps = 1e-5;
  std::optional<double> momentum = 0.1;  ///< the batch's share; nothing for the average over all batches
  bool affine = true;
  bool track_running_stats = true;
};

/// Normalises each channel of [N, C, H, W]: in training mode by the batch's statistics, which also enter the running
/// ones; else by the running ones, or by the batch's where none are tracked. The module stores the new statistics: one
/// that trains serves one thread. https://pytorch.org/docs/stable/generated/torch.nn.BatchNorm2d.html
struct MINNOW_API BatchNorm2d : Module {
  explicit BatchNorm2d(std::int64_t features, BatchNorm2dOptions opts = {});

  Tensor forward(const Tensor& x) const override;
  std::string extra_repr() const override;

  std::int64_t num_features;
  BatchNorm2dOptions options;
  Parameter weight, bias;               // [C], absent unless affine
  Parameter running_mean, running_var;  // [C], absent unless tracked
  Parameter num_batches_tracked;        // int64 scalar, absent unless tracked
};

}  // namespace minnow::nn
