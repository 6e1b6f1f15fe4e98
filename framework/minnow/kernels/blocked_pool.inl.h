#pragma once

#include <minnow/kernels/blocked_pool.h>
#include <minnow/kernels/simd.h>

namespace minnow::kernels {
namespace {

template <class A, bool Max>
MINNOW_INLINE Vec<A> pool_region(const BlockedPoolArgs& args, const float* plane, const PoolRegion& rows,
                                 const PoolRegion& columns) {
  Vec<A> result(Max ? -std::numeric_limits<float>::infinity() : 0.0f);
  for (Index h = rows.begin; h < rows.end; h += args.row_step) {
    const float* row = plane + h * args.in_w * kWidth<A>;
    for (Index w = columns.begin; w < columns.end; w += args.column_step) {
      const Vec<A> x = load<A>(row + w * kWidth<A>);
      result = Max ? max_nan<A>(result, x) : result + x;
    }
  }
  return Max ? result : result * Vec<A>(rows.share * columns.share);
}

template <class A>
void blocked_pool(const BlockedPoolArgs& args, Index first, Index last) {
  for (Index unit = first; unit < last; ++unit) {
    const float* plane = args.x + unit * args.in_h * args.in_w * kWidth<A>;
    float* y = args.y + unit * args.out_h * args.out_w * kWidth<A>;
    for (Index h = 0; h < args.out_h; ++h) {
      // What the regions below look at besides is prefetched: no hardware sees it coming.
      const Index below = args.rows[h].end, below_end = h + 1 < args.out_h ? args.rows[h + 1].end : below;
      Index column = 0;
      for (Index w = 0; w < args.out_w; ++w, y += kWidth<A>) {
        for (; column < args.columns[w].end; ++column) {
          for (Index row = below; row < below_end; ++row) {
            __builtin_prefetch(plane + (row * args.in_w + column) * kWidth<A>);
          }
        }
        store<A>(y, args.max ? pool_region<A, true>(args, plane, args.rows[h], args.columns[w])
                             : pool_region<A, false>(args, plane, args.rows[h], args.columns[w]));
      }
    }
  }
}

}  // namespace
}  // namespace minnow::kernels
