#pragma once

#include <minnow/core/export.h>
#include <minnow/ops/op.h>

namespace minnow {

/// `wanted` with each -1 replaced by the input's size; dimensions are aligned at the last, and only 1 stretches.
constexpr Shape expand_shape(const Shape& input, const Shape& wanted) {
  if (wanted.rank() < input.rank()) fail("expand: the shape ", input, " has more dimensions than ", wanted);
  Shape result = wanted;
  for (int i = 1; i <= wanted.rank(); ++i) {
    const std::int64_t size = i <= input.rank() ? input[-i] : -1;
    if (wanted[-i] == -1 && size >= 0) {
      result[-i] = size;
    } else if (wanted[-i] < 0 || (size >= 0 && size != 1 && size != wanted[-i])) {
      fail("expand: the shape ", input, " does not stretch to ", wanted);
    }
  }
  return result;
}

/// Dimensions of size 1 repeated.
struct MINNOW_API ExpandOp final : Op {
  explicit ExpandOp(const Shape& to) : shape(to) {}
  std::string_view name() const override { return "expand"; }
  std::string attributes() const override { return str("shape=", shape); }
  std::vector<TensorSpec> infer(std::span<const TensorSpec> inputs) const override;
  void eval(std::span<const Tensor> inputs, std::span<Tensor> outputs) const override;

  const Shape shape;  // -1 keeps a size
};

/// Dimensions of size 1 repeated, new ones in front; -1 keeps a size. Copies, unlike torch's, whose result shares the
/// elements. https://pytorch.org/docs/1.13/generated/torch.Tensor.expand.html
MINNOW_API Tensor expand(const Tensor& x, const Shape& shape);

}  // namespace minnow
