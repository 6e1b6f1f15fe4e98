#pragma once

#include <minnow/kernels/blocked_pool.h>
#include <minnow/kernels/simd.h>

namespace minnow::kernels {
namespace {

template <class A>
void blocked_max_pool(const BlockedPoolArgs& args, const float* plane, float* y) {
  const Vec<A> none(-std::numeric_limits<float>::infinity());
  const Index row_floats = args.in_w * kWidth<A>;
  for (Index h = 0; h < args.out_h; ++h) {
    const PoolRegion& rows = args.rows[h];
    const Index next_end = h + 1 < args.out_h ? args.rows[h + 1].end : rows.end;  // of the rows that are prefetched
    const auto largest_of = [&](Index column) {
      const float* x = plane + column * kWidth<A>;
      for (Index row = rows.end; row < next_end; ++row) __builtin_prefetch(x + row * row_floats);
      Vec<A> largest = rows.begin < rows.end ? load<A>(x + rows.begin * row_floats) : none;
      for (Index row = rows.begin + args.row_step; row < rows.end; row += args.row_step) {
        largest = max_nan<A>(largest, load<A>(x + row * row_floats));
      }
      return largest;
    };
    Index known = -1;  // a column: a window often begins with the one that the last window ended with
    Vec<A> largest = none;
    for (Index w = 0; w < args.out_w; ++w, y += kWidth<A>) {
      const PoolRegion& columns = args.columns[w];
      if (columns.begin < columns.end && columns.begin != known) largest = largest_of(known = columns.begin);
      Vec<A> result = columns.begin < columns.end ? largest : none;
      for (Index column = columns.begin + args.column_step; column < columns.end; column += args.column_step) {
        largest = largest_of(known = column);
        result = max_nan<A>(result, largest);
      }
      store<A>(y, result);
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
