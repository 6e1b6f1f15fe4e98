#pragma once

#include <optional>

#include <minnow/core/export.h>
#include <minnow/ops/op.h>

namespace minnow {

/// Where the largest or smallest element stands, along one dimension or in the whole.
struct MINNOW_API ArgMaxOp final : Op {
  ArgMaxOp(bool greatest, std::optional<int> along, bool keep) : largest(greatest), dim(along), keepdim(keep) {}
  std::string_view name() const override { return largest ? "argmax" : "argmin"; }
  std::string attributes() const override;
  std::vector<TensorSpec> infer(std::span<const TensorSpec> inputs) const override;
  void eval(std::span<const Tensor> inputs, std::span<Tensor> outputs) const override;

  const bool largest;
  const std::optional<int> dim;  // empty: the row-major index in the whole
  const bool keepdim;
};

/// The index of the largest (smallest) element along `dim`, int64; the first of equals; NaN beats all. Throws where
/// there is nothing to choose from. https://pytorch.org/docs/1.13/generated/torch.argmax.html
MINNOW_API Tensor argmax(const Tensor& x, int dim, bool keepdim = false);
MINNOW_API Tensor argmin(const Tensor& x, int dim, bool keepdim = false);
/// The row-major index of the largest (smallest) element of all, a scalar.
MINNOW_API Tensor argmax(const Tensor& x);
MINNOW_API Tensor argmin(const Tensor& x);

}  // namespace minnow
