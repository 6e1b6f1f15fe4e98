#pragma once

#include <string_view>

#include <minnow/core/export.h>
#include <minnow/ops/check.h>
#include <minnow/ops/op.h>

namespace minnow {

/// The shape that `wanted`, of which one size may be -1, means for a tensor of shape `input`.
constexpr Shape view_shape(const Shape& input, const Shape& wanted, std::string_view name = "view") {
  const std::int64_t count = input.numel();
  Shape result = wanted;
  int open = -1;
  std::int64_t known = 1;
  for (int i = 0; i < wanted.rank(); ++i) {
    if (wanted[i] == -1) {
      if (open >= 0) fail(name, ": only one size may be -1, got ", wanted);
      open = i;
      result[i] = 1;
    } else if (wanted[i] < 0) {
      fail(name, ": sizes must not be negative, got ", wanted);
    }
  }
  known = result.numel();
  if (open >= 0) {
    if (known == 0) fail(name, ": -1 is ambiguous in ", wanted, ", which has no elements (input ", input, ")");
    if (count % known != 0) fail(name, ": the shape ", wanted, " does not fit the ", count, " elements of ", input);
    result[open] = count / known;
  } else if (known != count) {
    fail(name, ": the shape ", wanted, " does not fit the ", count, " elements of ", input);
  }
  return result;
}

/// The dimensions start_dim to end_dim, both included, as one. A scalar becomes a vector of one element.
constexpr Shape flatten_shape(const Shape& input, int start_dim = 0, int end_dim = -1) {
  if (input.rank() == 0) return flatten_shape({1}, start_dim, end_dim);
  const int start = detail::dim_of("flatten", input, start_dim), end = detail::dim_of("flatten", input, end_dim);
  if (start > end) fail("flatten: dimension ", start_dim, " comes after ", end_dim, " (input ", input, ")");
  Shape result, flat;
  for (int i = start; i <= end; ++i) flat.push_back(input[i]);
  for (int i = 0; i < input.rank(); ++i) {
    if (i <= start || i > end) result.push_back(i == start ? flat.numel() : input[i]);
  }
  return result;
}

/// Without the dimensions of size 1.
constexpr Shape squeeze_shape(const Shape& input) {
  Shape result;
  for (const std::int64_t dim : input) {
    if (dim != 1) result.push_back(dim);
  }
  return result;
}

/// Without dimension `dim` where it has size 1, else unchanged.
constexpr Shape squeeze_shape(const Shape& input, int dim) {
  if (input.rank() == 0 && (dim == 0 || dim == -1)) return input;
  Shape result = input;
  const int at = detail::dim_of("squeeze", input, dim);
  if (input[at] == 1) result.erase(at);
  return result;
}

/// With a dimension of size 1 before position `dim`; -1 is after the last.
constexpr Shape unsqueeze_shape(const Shape& input, int dim) {
  const int at = detail::position_of("unsqueeze", input, dim);
  Shape result = input;
  result.insert(at, 1);
  return result;
}

/// The same elements under another shape: what view, reshape, flatten, squeeze and unsqueeze come down to.
struct MINNOW_API ViewOp final : Op {
  explicit ViewOp(const Shape& to) : shape(to) {}
  std::string_view name() const override { return "view"; }
  std::string attributes() const override;
  std::vector<TensorSpec> infer(std::span<const TensorSpec> inputs) const override;
  void eval(std::span<const Tensor> inputs, std::span<Tensor> outputs) const override;
  bool is_view() const override { return true; }

  const Shape shape;  // one size may be -1
};

/// The same elements, shared, under a shape of as many; one size may be -1 and is worked out. Throws where the number
/// of elements differs, and where -1 is ambiguous. https://pytorch.org/docs/1.13/generated/torch.Tensor.view.html
MINNOW_API Tensor view(const Tensor& x, const Shape& shape);
/// As `view`: every tensor is contiguous, so the elements are always shared.
MINNOW_API Tensor reshape(const Tensor& x, const Shape& shape);
/// The dimensions start_dim to end_dim, both included, as one: [N, C, H, W] -> [N, C * H * W] for start_dim = 1.
/// Shares the elements. https://pytorch.org/docs/1.13/generated/torch.flatten.html
MINNOW_API Tensor flatten(const Tensor& x, int start_dim = 0, int end_dim = -1);
/// Without the dimensions of size 1, or without `dim` if it has size 1. Shares the elements.
MINNOW_API Tensor squeeze(const Tensor& x);
MINNOW_API Tensor squeeze(const Tensor& x, int dim);
/// With a dimension of size 1 at position `dim`, -1 behind the last. Shares the elements.
MINNOW_API Tensor unsqueeze(const Tensor& x, int dim);

}  // namespace minnow
