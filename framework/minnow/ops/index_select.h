#pragma once

#include <minnow/core/export.h>
#include <minnow/ops/op.h>

namespace minnow {

/// Slices along one dimension, chosen by an int64 vector, the second input.
struct MINNOW_API IndexSelectOp final : Op {
  explicit IndexSelectOp(int along) : dim(along) {}
  std::string_view name() const override { return "index_select"; }
  std::string attributes() const override { return str("dim=", dim); }
  std::vector<TensorSpec> infer(std::span<const TensorSpec> inputs) const override;
  void eval(std::span<const Tensor> inputs, std::span<Tensor> outputs) const override;

  const int dim;
};

/// The slices x[index[0]], x[index[1]], ... along `dim`; `index` is an int64 vector of numbers from 0 to size - 1.
/// Copies. Throws for an index out of range. https://pytorch.org/docs/1.13/generated/torch.index_select.html
MINNOW_API Tensor index_select(const Tensor& x, int dim, const Tensor& index);

}  // namespace minnow
