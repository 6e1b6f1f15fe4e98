#pragma once

#include <minnow/core/export.h>
#include <minnow/ops/dims.h>
#include <minnow/ops/op.h>

namespace minnow {

/// The sizes of `input` in the order `dims`, which lists each dimension once.
constexpr Shape permute_shape(const Shape& input, const Dims& dims) {
  if (dims.size() != input.rank()) fail("permute: ", dims, " does not list the dimensions of the shape ", input);
  detail::listed("permute", input, dims);
  Shape result;
  for (const int dim : dims) result.push_back(input[dim]);
  return result;
}

/// The dimensions in another order.
struct MINNOW_API PermuteOp final : Op {
  explicit PermuteOp(const Dims& order) : dims(order) {}
  std::string_view name() const override { return "permute"; }
  std::string attributes() const override { return str("dims=", dims); }
  std::vector<TensorSpec> infer(std::span<const TensorSpec> inputs) const override;
  void eval(std::span<const Tensor> inputs, std::span<Tensor> outputs) const override;

  const Dims dims;
};

/// The dimensions in the order `dims`: permute(x, {0, 2, 3, 1}) turns [N, C, H, W] into [N, H, W, C]. Copies.
/// https://pytorch.org/docs/1.13/generated/torch.permute.html
MINNOW_API Tensor permute(const Tensor& x, const Dims& dims);
/// With two dimensions exchanged. Copies.
MINNOW_API Tensor transpose(const Tensor& x, int dim0, int dim1);

}  // namespace minnow
