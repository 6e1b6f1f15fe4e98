#pragma once

#include <minnow/kernels/blocked_pool.h>
#include <minnow/kernels/simd.h>

namespace minnow::kernels {
namespace {

/// The maxima of a plane, a column of them at a time: a region often begins with the row that the one above it ended
/// with. Of equal elements the first one counts, and of NaNs the last.
template <class A>
void blocked_max_pool(const BlockedPoolArgs& args, const float* plane, float* y) {
  constexpr int C = kWidth<A>;
  const Vec<A> none(-std::numeric_limits<float>::infinity());
  for (Index w = 0; w < args.out_w; ++w) {
    const PoolRegion& columns = args.columns[w];
    const Index next_end = w + 1 < args.out_w ? args.columns[w + 1].end : 0;
    Index known = -1;
    Vec<A> largest = none;  // of the row `known`
    const auto look_at = [&](Index row) {
      const float* x = plane + row * args.in_w * C;
      known = row;
      largest = columns.begin < columns.end ? load<A>(x + columns.begin * C) : none;
      for (Index i = columns.begin + args.column_step; i < columns.end; i += args.column_step) {
        largest = max_nan<A>(largest, load<A>(x + i * C));
      }
      for (Index i = columns.end; i < next_end; ++i) __builtin_prefetch(x + i * C);  // no hardware sees them coming
    };
    for (Index h = 0; h < args.out_h; ++h) {
      const PoolRegion& rows = args.rows[h];
      Vec<A> result = none;
      for (Index row = rows.begin; row < rows.end; row += args.row_step) {
        if (row != known) look_at(row);
        result = max_nan<A>(result, largest);
      }
      store<A>(y + (h * args.out_w + w) * C, result);
    }
  }
}

template <class A>
void blocked_avg_pool(const BlockedPoolArgs& args, const float* plane, float* y) {
  for (Index h = 0; h < args.out_h; ++h) {
    const PoolRegion& rows = args.rows[h];
    for (Index w = 0; w < args.out_w; ++w, y += kWidth<A>) {
      const PoolRegion& columns = args.columns[w];
      Vec<A> sum(0.0f);
      for (Index row = rows.begin; row < rows.end; row += args.row_step) {
        for (Index column = columns.begin; column < columns.end; column += args.column_step) {
          sum += load<A>(plane + (row * args.in_w + column) * kWidth<A>);
        }
      }
      store<A>(y, sum * Vec<A>(rows.share * columns.share));
    }
  }
}

template <class A>
void blocked_pool(const BlockedPoolArgs& args, Index first, Index last) {
  for (Index unit = first; unit < last; ++unit) {
    const float* plane = args.x + unit * args.in_h * args.in_w * kWidth<A>;
    float* y = args.y + unit * args.out_h * args.out_w * kWidth<A>;
    args.max ? blocked_max_pool<A>(args, plane, y) : blocked_avg_pool<A>(args, plane, y);
  }
}

}  // namespace
}  // namespace minnow::kernels
