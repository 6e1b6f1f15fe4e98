#pragma once

#include <minnow/core/export.h>
#include <minnow/ops/op.h>

namespace minnow {

/// A copy of the elements.
struct MINNOW_API CloneOp final : Op {
  std::string_view name() const override { return "clone"; }
  std::vector<TensorSpec> infer(std::span<const TensorSpec> inputs) const override { return {inputs[0]}; }
  void eval(std::span<const Tensor> inputs, std::span<Tensor> outputs) const override;
};

/// Its own copy of the elements: writing to it does not write to x.
MINNOW_API Tensor clone(const Tensor& x);

}  // namespace minnow
