#pragma once

#include <minnow/core/export.h>
#include <minnow/ops/op.h>

namespace minnow {

/// The elements as another dtype.
struct MINNOW_API ToOp final : Op {
  explicit ToOp(DType type) : dtype(type) {}
  std::string_view name() const override { return "to"; }
  std::string attributes() const override { return str("dtype=", dtype); }
  std::vector<TensorSpec> infer(std::span<const TensorSpec> inputs) const override {
    return {{inputs[0].shape, dtype}};
  }
  void eval(std::span<const Tensor> inputs, std::span<Tensor> outputs) const override;

  const DType dtype;
};

/// A copy with the elements converted; x itself where it has that dtype. To int64 it cuts towards zero; what does not
/// fit, NaN as well, becomes the smallest number.
MINNOW_API Tensor to(const Tensor& x, DType dtype);

}  // namespace minnow
