#pragma once

#include <minnow/core/export.h>
#include <minnow/ops/op.h>

namespace minnow {

/// Batch norm with given statistics. Inputs: x, mean, var and, if affine, weight and bias.
struct MINNOW_API BatchNormOp final : Op {
  explicit BatchNormOp(double epsilon) : eps(epsilon) {}
  std::string_view name() const override { return "batch_norm"; }
  std::string attributes() const override { return eps == 1e-5 ? "" : str("eps=", eps); }
  std::vector<TensorSpec> infer(std::span<const TensorSpec> inputs) const override;
  void eval(std::span<const Tensor> inputs, std::span<Tensor> outputs) const override;

  const double eps;
};

/// Batch norm with the statistics of the batch. Inputs: x, mean and var if `running`, weight and bias if affine.
/// Outputs: y, the new mean and the new var.
struct MINNOW_API BatchNormTrainingOp final : Op {
  BatchNormTrainingOp(double new_share, double epsilon, bool has_running)
      : momentum(new_share), eps(epsilon), running(has_running) {}
  std::string_view name() const override { return "batch_norm_training"; }
  std::string attributes() const override { return str("momentum=", momentum, " eps=", eps); }
  std::vector<TensorSpec> infer(std::span<const TensorSpec> inputs) const override;
  void eval(std::span<const Tensor> inputs, std::span<Tensor> outputs) const override;

  const double momentum, eps;
  const bool running;
};

/// (x - mean) / sqrt(var + eps) * weight + bias per channel: [N, C, ...] -> the same shape. mean and var are [C], so
/// are weight and bias, unless both are undefined. https://pytorch.org/docs/stable/generated/torch.nn.BatchNorm2d.html
MINNOW_API Tensor batch_norm(const Tensor& x, const Tensor& mean, const Tensor& var, const Tensor& weight = {},
                             const Tensor& bias = {}, double eps = 1e-5);

/// What batch norm gives in training mode.
struct BatchNormResult {
  Tensor y;          ///< as x
  Tensor mean, var;  ///< [C], the statistics to keep
};

struct BatchNormOptions {
  double momentum = 0.1;  ///< the share of the batch in the new statistics
  double eps = 1e-5;
};

/// The same in training mode: the batch's mean and biased variance normalise. The new statistics are
/// (1 - momentum) * old + momentum * batch, with the unbiased variance; the batch's alone where mean and var are
/// undefined. Nothing is written to the inputs. Throws for a single value per channel.
MINNOW_API BatchNormResult batch_norm_training(const Tensor& x, const Tensor& mean, const Tensor& var,
                                               const Tensor& weight = {}, const Tensor& bias = {},
                                               const BatchNormOptions& options = {});

}  // namespace minnow
