#pragma once

#include <initializer_list>
#include <span>

#include <minnow/core/export.h>
#include <minnow/ops/op.h>

namespace minnow {

/// The inputs one after the other along a dimension.
struct MINNOW_API CatOp final : Op {
  explicit CatOp(int along) : dim(along) {}
  std::string_view name() const override { return "cat"; }
  std::string attributes() const override { return str("dim=", dim); }
  std::vector<TensorSpec> infer(std::span<const TensorSpec> inputs) const override;
  void eval(std::span<const Tensor> inputs, std::span<Tensor> outputs) const override;

  const int dim;
};

/// The tensors one after the other along `dim`; their other sizes and their dtypes must agree. A tensor of shape [0]
/// adds nothing, whatever the others are. Copies. https://pytorch.org/docs/1.13/generated/torch.cat.html
MINNOW_API Tensor cat(std::span<const Tensor> tensors, int dim = 0);
MINNOW_API Tensor cat(std::initializer_list<Tensor> tensors, int dim = 0);

/// The tensors, all of one shape, side by side along a new dimension at position `dim`. Copies.
/// https://pytorch.org/docs/1.13/generated/torch.stack.html
MINNOW_API Tensor stack(std::span<const Tensor> tensors, int dim = 0);
MINNOW_API Tensor stack(std::initializer_list<Tensor> tensors, int dim = 0);

}  // namespace minnow
