#pragma once

#include <cstdint>

namespace minnow::kernels {

/// The rows, or the columns, of the input that one row or column of the output looks at.
struct PoolRegion {
  std::int64_t begin, end;
  float share;  // one over how many of them a mean counts
};

/// A pool of any kind on activations in NCHW[c]: windows and adaptive regions alike. A unit is one block of channels of
/// one image. The mean is sum * rows.share * columns.share.
struct BlockedPoolArgs {
  const float* x;
  float* y;
  std::int64_t in_h, in_w, out_h, out_w;
  const PoolRegion* rows;              // [out_h]
  const PoolRegion* columns;           // [out_w]
  std::int64_t row_step, column_step;  // the dilation
  bool max;                            // the largest element, NaN if there is one, rather than the mean
};

}  // namespace minnow::kernels
