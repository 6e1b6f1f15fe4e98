#pragma once

#include <cstdint>

namespace minnow::kernels {

/// out = x * scale[c] + shift[c] on [outer, channels, inner]; `out` may be x.
struct ScaleShiftArgs {
  const float* x;
  float* out;
  std::int64_t outer, channels, inner;
  const float* scale;
  const float* shift;
};

/// For the channels first <= c < last of x [outer, channels, inner]: mean[c], and variance[c] divided by the count (the
/// biased one), both computed in double. NaN where there is nothing to average.
struct ChannelStatsArgs {
  const float* x;
  std::int64_t outer, channels, inner;
  std::int64_t first, last;
  float* mean;
  float* variance;
};

}  // namespace minnow::kernels
