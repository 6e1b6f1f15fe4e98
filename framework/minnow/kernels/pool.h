#pragma once

#include <cstdint>

namespace minnow::kernels {

/// Sliding windows over `planes` planes: out[p, i, j] comes from the inputs at i * stride - pad + dilation * k, k <
/// kernel, in both directions. The sizes of the output are the caller's; a window may end beyond the padding
/// (ceil_mode).
struct PoolArgs {
  const float* x;  // [planes, in_h, in_w]
  float* out;      // [planes, out_h, out_w]
  std::int64_t planes;
  std::int64_t in_h, in_w, out_h, out_w;
  std::int64_t kernel_h, kernel_w, stride_h, stride_w, pad_h, pad_w;
  std::int64_t dilation_h = 1, dilation_w = 1;  // for max only
  bool count_include_pad = true;  // for avg: divide by the window clipped to the padded input, else to the input
  std::int64_t divisor = 0;       // for avg: divide by this instead, unless it is 0
};

/// Adaptive windows: out[p, i, j] comes from the rows floor(i * in_h / out_h) to ceil((i + 1) * in_h / out_h),
/// exclusive, and the columns alike. The input is not empty.
struct AdaptivePoolArgs {
  const float* x;  // [planes, in_h, in_w]
  float* out;      // [planes, out_h, out_w]
  std::int64_t planes;
  std::int64_t in_h, in_w, out_h, out_w;
};

// Max pools pad with -inf; the last NaN of a window wins, else the first of the greatest, in row-major order. Averages
// are exact to a few float roundings.

}  // namespace minnow::kernels
