#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <minnow/core/dims.h>
#include <minnow/ops/check.h>

namespace minnow::detail {

/// For each dimension of `shape` whether `dims` lists it; an empty list means all. Throws where a dimension is out of
/// range or listed twice.
constexpr std::array<bool, Shape::max_rank> listed(std::string_view name, const Shape& shape, const Dims& dims) {
  std::array<bool, Shape::max_rank> result{};
  for (int i = 0; dims.empty() && i < shape.rank(); ++i) result[static_cast<std::size_t>(i)] = true;
  for (const int dim : dims) {
    if (shape.rank() == 0 && (dim == 0 || dim == -1)) continue;  // as torch: a scalar may be asked for its only one
    bool& entry = result[static_cast<std::size_t>(dim_of(name, shape, dim))];
    if (entry) fail(name, ": dimension ", dim, " appears twice in ", dims);
    entry = true;
  }
  return result;
}

/// A shape seen along one of its dimensions: [outer, size, inner].
struct Along {
  std::int64_t outer = 1, size, inner = 1;

  /// `dim` may count from the end. Throws where it is out of range.
  constexpr Along(const Shape& shape, int dim) : size(shape[dim]) {
    const int at = shape.index(dim);
    for (int i = 0; i < at; ++i) outer *= shape[i];
    for (int i = at + 1; i < shape.rank(); ++i) inner *= shape[i];
  }
};

}  // namespace minnow::detail
