#pragma once

#include <minnow/core/export.h>
#include <minnow/ops/op.h>

namespace minnow {

/// softmax, or log_softmax if `log`.
struct MINNOW_API SoftmaxOp final : Op {
  SoftmaxOp(int dimension, bool logarithm) : dim(dimension), log(logarithm) {}
  std::string_view name() const override { return log ? "log_softmax" : "softmax"; }
  std::string attributes() const override { return str("dim=", dim); }
  std::vector<TensorSpec> infer(std::span<const TensorSpec> inputs) const override;
  void eval(std::span<const Tensor> inputs, std::span<Tensor> outputs) const override;

  const int dim;
  const bool log;
};

/// exp(x) over its sum along `dim`, which may count from the end. Keeps the shape. A row of -inf gives NaN, as 0 / 0.
/// https://pytorch.org/docs/stable/generated/torch.nn.functional.softmax.html
MINNOW_API Tensor softmax(const Tensor& x, int dim);

/// The logarithm of softmax(x, dim), computed without the detour.
/// https://pytorch.org/docs/stable/generated/torch.nn.functional.log_softmax.html
MINNOW_API Tensor log_softmax(const Tensor& x, int dim);

}  // namespace minnow
