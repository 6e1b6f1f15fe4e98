#pragma once

#include <minnow/core/export.h>
#include <minnow/ops/op.h>

namespace minnow {

/// One of two, element by element.
struct MINNOW_API WhereOp final : Op {
  std::string_view name() const override { return "where"; }
  std::vector<TensorSpec> infer(std::span<const TensorSpec> inputs) const override;
  void eval(std::span<const Tensor> inputs, std::span<Tensor> outputs) const override;
};

/// a where `condition` (float32, as the comparisons give it) is not 0, else b; all three broadcast, a and b have one
/// dtype. https://pytorch.org/docs/1.13/generated/torch.where.html
MINNOW_API Tensor where(const Tensor& condition, const Tensor& a, const Tensor& b);

}  // namespace minnow
