#pragma once

#include <algorithm>
#include <cstdint>

#include <minnow/core/tensor.h>
#include <minnow/core/threads.h>

namespace minnow::detail {

/// Calls body(x, y, count) for ranges of the planes (the last two dimensions) of `x` and `y`, which have equally many,
/// in parallel where there is enough to read or write.
template <class Body>
void for_planes(const Tensor& x, Tensor& y, Body body) {
  const std::int64_t from = x.dim(-2) * x.dim(-1), to = y.dim(-2) * y.dim(-1);
  if (from == 0 || to == 0) return;
  minnow::parallel_for(y.numel() / to, grain_of(std::max(from, to), 16384), [&](std::int64_t first, std::int64_t last) {
    body(x.data() + first * from, y.data() + first * to, last - first);
  });
}

}  // namespace minnow::detail
