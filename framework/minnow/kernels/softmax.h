#pragma once

#include <cstdint>

namespace minnow::kernels {

/// Over the n of x [outer, n, inner]: out = exp(x - max) / sum(exp(x - max)), or its logarithm. As in torch a row of
/// -inf, or with a NaN in it, becomes NaN. `out` must not be x.
struct SoftmaxArgs {
  const float* x;
  float* out;
  std::int64_t outer, n, inner;
  bool log;
};

}  // namespace minnow::kernels
