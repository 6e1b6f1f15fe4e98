#pragma once

#include <initializer_list>
#include <vector>

#include <minnow/core/export.h>
#include <minnow/core/saturate.h>
#include <minnow/ops/op.h>

namespace minnow {

/// The shape after `pad`, pairs of (before, after) from the last dimension on.
constexpr Shape pad_shape(const Shape& input, std::span<const std::int64_t> pad) {
  const auto pairs = static_cast<int>(pad.size() / 2);
  if (pad.size() % 2 != 0 || pairs > input.rank()) {
    fail("pad: ", pad.size(), " numbers are no pairs for the dimensions of the shape ", input);
  }
  Shape result = input;
  for (int i = 0; i < pairs; ++i) {
    const std::int64_t before = pad[static_cast<std::size_t>(2 * i)], after = pad[static_cast<std::size_t>(2 * i + 1)];
    const std::int64_t cut = saturating_add(before < 0 ? before : 0, after < 0 ? after : 0);
    if (saturating_add(result[-1 - i], cut) < 0 || __builtin_add_overflow(result[-1 - i], before, &result[-1 - i]) ||
        __builtin_add_overflow(result[-1 - i], after, &result[-1 - i]) || result[-1 - i] < 0) {
      fail("pad: (", before, ", ", after, ") does not fit dimension ", -1 - i, " of the shape ", input);
    }
  }
  return result;
}

/// A constant around the elements.
struct MINNOW_API PadOp final : Op {
  PadOp(std::vector<std::int64_t> sizes, double fill) : pad(std::move(sizes)), value(fill) {}
  std::string_view name() const override { return "pad"; }
  std::string attributes() const override;
  std::vector<TensorSpec> infer(std::span<const TensorSpec> inputs) const override;
  void eval(std::span<const Tensor> inputs, std::span<Tensor> outputs) const override;

  const std::vector<std::int64_t> pad;  // before and after, from the last dimension on
  const double value;
};

/// `value` around the elements: {left, right}, {left, right, top, bottom}, ... from the last dimension on. Negative
/// numbers cut off. Copies. https://pytorch.org/docs/1.13/generated/torch.nn.functional.pad.html
MINNOW_API Tensor pad(const Tensor& x, std::initializer_list<std::int64_t> pad, double value = 0.0);

}  // namespace minnow
