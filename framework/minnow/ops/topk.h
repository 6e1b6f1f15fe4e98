#pragma once

#include <minnow/core/export.h>
#include <minnow/ops/op.h>

namespace minnow {

/// The k largest along a dimension: two outputs, values and indices.
struct MINNOW_API TopKOp final : Op {
  TopKOp(std::int64_t count, int along, bool greatest) : k(count), dim(along), largest(greatest) {}
  std::string_view name() const override { return "topk"; }
  std::string attributes() const override;
  std::vector<TensorSpec> infer(std::span<const TensorSpec> inputs) const override;
  void eval(std::span<const Tensor> inputs, std::span<Tensor> outputs) const override;

  const std::int64_t k;
  const int dim;
  const bool largest;
};

/// Elements and where they stand: float32 and int64, of one shape.
struct ValuesAndIndices {
  Tensor values, indices;
};

/// The k largest (or smallest) elements along `dim`, in order, and their indices: `auto [values, indices] = topk(x,
/// 5)`. NaN counts as the largest, of equals the first comes first. Throws where k exceeds the size.
/// https://pytorch.org/docs/1.13/generated/torch.topk.html
MINNOW_API ValuesAndIndices topk(const Tensor& x, std::int64_t k, int dim = -1, bool largest = true);

}  // namespace minnow
