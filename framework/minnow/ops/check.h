#pragma once

#include <span>
#include <string_view>

#include <minnow/core/error.h>
#include <minnow/ops/op.h>

namespace minnow::detail {

/// Throws where an input of the op `name` is not float32.
inline void expect_float32(std::string_view name, std::span<const TensorSpec> inputs) {
  for (const TensorSpec& input : inputs) {
    if (input.dtype != DType::float32) fail(name, ": expected float32, got ", input.dtype, ' ', input.shape);
  }
}

/// `dim` of `shape` counted from the start; throws naming the op where there is no such dimension.
constexpr int dim_of(std::string_view name, const Shape& shape, int dim) {
  if (dim < -shape.rank() || dim >= shape.rank()) {
    fail(name, ": dimension ", dim, " is out of range for the shape ", shape);
  }
  return dim < 0 ? dim + shape.rank() : dim;
}

/// The same of a place between dimensions, or before or behind all: -1 is the last.
constexpr int position_of(std::string_view name, const Shape& shape, int dim) {
  const int at = dim < 0 ? dim + shape.rank() + 1 : dim;
  if (at < 0 || at > shape.rank()) fail(name, ": there is no position ", dim, " in the shape ", shape);
  return at;
}

}  // namespace minnow::detail
