#pragma once

#include <cstdint>

namespace minnow::kernels {

enum class Reduce { sum, mean, max, min };

/// out[o, i] = the sum (mean, ...) over r of x[o, r, i], where x is [outer, reduce, inner]. Sums err by a few float
/// roundings, however many they are of. Of nothing: 0 for a sum, NaN for a mean, an infinity for max and min, which
/// keep NaN.
struct ReduceArgs {
  Reduce op;
  const float* x;
  float* out;
  std::int64_t outer, reduce, inner;
};

}  // namespace minnow::kernels
