#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <tuple>
#include <type_traits>

#include <minnow/core/export.h>
#include <minnow/core/shape.h>
#include <minnow/core/tensor.h>
#include <minnow/core/threads.h>

/// Loops over arrays that are not read or written in order, for the ops that broadcast, permute, cut and join.
namespace minnow::detail {

/// Per dimension the step between neighbours, in elements.
using Strides = std::array<std::int64_t, Shape::max_rank>;

constexpr Strides row_major(const Shape& shape) {
  Strides strides{};
  std::int64_t step = 1;
  for (int i = shape.rank() - 1; i >= 0; --i) {
    strides[static_cast<std::size_t>(i)] = step;
    step *= shape[i];
  }
  return strides;
}

/// The strides that read a row-major array of `shape` as if it had been broadcast to `target`.
constexpr Strides broadcast_strides(const Shape& shape, const Shape& target) {
  const Strides own = row_major(shape);
  const int lead = target.rank() - shape.rank();
  Strides strides{};
  for (int i = 0; i < shape.rank(); ++i) {
    if (shape[i] != 1) strides[static_cast<std::size_t>(i + lead)] = own[static_cast<std::size_t>(i)];
  }
  return strides;
}

/// The common shape of two that broadcast as in torch: aligned at the last dimension, 1 stretches.
constexpr Shape broadcast_shape(std::string_view name, const Shape& a, const Shape& b) {
  Shape result = a.rank() >= b.rank() ? a : b;
  for (int i = 1; i <= std::min(a.rank(), b.rank()); ++i) {
    if (a[-i] != b[-i] && a[-i] != 1 && b[-i] != 1) fail(name, ": the shapes ", a, " and ", b, " do not broadcast");
    result[-i] = a[-i] == 1 ? b[-i] : a[-i];
  }
  return result;
}

/// Visits N arrays of one shape row by row, where array n holds its elements `strides[n]` apart: calls
/// row(at, step, count) with the offset of the row's first element and the step along the row for each array.
/// Neighbouring dimensions that every array runs through evenly become one, so that rows are as long as can be.
/// Rows run on several threads when they are many.
template <std::size_t N, class Row>
void for_each_row(const Shape& shape, const std::array<Strides, N>& strides, Row row) {
  if (shape.numel() == 0) return;
  Shape dims;
  std::array<Strides, N> steps{};
  for (int i = 0; i < shape.rank(); ++i) {
    const auto from = static_cast<std::size_t>(i);
    if (shape[i] == 1) continue;
    bool even = dims.rank() > 0;
    for (std::size_t n = 0; n < N && even; ++n) {
      even = steps[n][static_cast<std::size_t>(dims.rank() - 1)] == strides[n][from] * shape[i];
    }
    if (even) {
      dims[-1] *= shape[i];
    } else {
      dims.push_back(shape[i]);
    }
    for (std::size_t n = 0; n < N; ++n) steps[n][static_cast<std::size_t>(dims.rank() - 1)] = strides[n][from];
  }

  constexpr std::int64_t grain = grain_of(1);
  using Offsets = std::array<std::int64_t, N>;
  Offsets step{};
  std::int64_t count = 1;
  if (dims.rank() > 0) {
    count = dims[-1];
    for (std::size_t n = 0; n < N; ++n) step[n] = steps[n][static_cast<std::size_t>(dims.rank() - 1)];
    dims.erase(-1);
  }
  const std::int64_t rows = dims.numel();
  if (rows == 1) {
    return minnow::parallel_for(count, grain, [&](std::int64_t first, std::int64_t last) {
      Offsets at{};
      for (std::size_t n = 0; n < N; ++n) at[n] = first * step[n];
      row(at, step, last - first);
    });
  }
  minnow::parallel_for(rows, std::max<std::int64_t>(1, grain / count), [&](std::int64_t first, std::int64_t last) {
    Offsets at{};
    Strides index{};
    for (std::int64_t i = dims.rank() - 1, rest = first; i >= 0; --i) {
      const auto d = static_cast<std::size_t>(i);
      const std::int64_t size = dims[static_cast<int>(i)];
      index[d] = rest % size;
      rest /= size;
      for (std::size_t n = 0; n < N; ++n) at[n] += index[d] * steps[n][d];
    }
    for (std::int64_t r = first; r < last; ++r) {
      row(at, step, count);
      for (int i = dims.rank() - 1; i >= 0; --i) {
        const auto d = static_cast<std::size_t>(i);
        for (std::size_t n = 0; n < N; ++n) at[n] += steps[n][d];
        if (++index[d] < dims[i]) break;
        for (std::size_t n = 0; n < N; ++n) at[n] -= dims[i] * steps[n][d];
        index[d] = 0;
      }
    }
  });
}

/// Calls loop(steps...) with the steps as constants where each of them is 0 or 1: the compiler makes vector code of
/// such loops.
template <std::size_t N, class Loop, class... Known>
void with_constant_steps(const std::array<std::int64_t, N>& steps, Loop loop, Known... known) {
  if constexpr (sizeof...(known) == N) {
    loop(known...);
  } else {
    switch (steps[sizeof...(known)]) {
      case 0:
        return with_constant_steps(steps, loop, known..., std::integral_constant<std::int64_t, 0>());
      case 1:
        return with_constant_steps(steps, loop, known..., std::integral_constant<std::int64_t, 1>());
      default:
        return std::apply(loop, steps);
    }
  }
}

/// Copies an array of `shape` element by element; both hold float32 or int64. The pointers are to the first elements.
MINNOW_API void strided_copy(const Shape& shape, DType dtype, const std::byte* from, const Strides& from_strides,
                             std::byte* to, const Strides& to_strides);

}  // namespace minnow::detail
