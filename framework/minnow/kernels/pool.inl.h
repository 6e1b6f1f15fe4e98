#pragma once

#include <minnow/kernels/pool.h>
#include <minnow/kernels/reduce.inl.h>

namespace minnow::kernels {
namespace {

/// The places first, first + step, ... below last.
struct Range {
  Index first, last;
  Index size() const { return last > first ? last - first : 0; }
};

MINNOW_INLINE Range clip(Range range, Index lo, Index hi) {
  return {range.first > lo ? range.first : lo, range.last < hi ? range.last : hi};
}

/// The outputs whose whole window lies inside an input of n places.
MINNOW_INLINE Range interior(Index n, Index out, Index kernel, Index stride, Index pad, Index dilation) {
  const Index room = n + pad - dilation * (kernel - 1);  // windows start below this
  const Range whole = {(pad + stride - 1) / stride, room > 0 ? (room - 1) / stride + 1 : 0};
  return clip(whole, 0, out);
}

/// The taps k of a window starting at `start` for which start + k * dilation lies inside an input of n places.
MINNOW_INLINE Range inside(Index n, Index start, Index kernel, Index dilation) {
  const Index first = start < 0 ? (-start + dilation - 1) / dilation : 0;
  return clip({first, start < n ? (n - start - 1) / dilation + 1 : 0}, 0, kernel);
}

/// Calls vector(i) for runs of kWidth outputs that cover [first, last), the last one moved back over the one before,
/// and scalar(i) for what is outside [first, last) or where it is too short for that.
template <class A, class V, class S>
MINNOW_INLINE void for_outputs(Index out, Range whole, V vector, S scalar) {
  if (whole.size() < kWidth<A>) whole = {out, out};
  for (Index i = 0; i < whole.first; ++i) scalar(i);
  for (Index i = whole.first; i < whole.last; i += kWidth<A>) {
    vector(i + kWidth<A> <= whole.last ? i : whole.last - kWidth<A>);
  }
  for (Index i = whole.last; i < out; ++i) scalar(i);
}

template <class A>
void max_pool(const PoolArgs& a) {
  const Range whole = interior(a.in_w, a.out_w, a.kernel_w, a.stride_w, a.pad_w, a.dilation_w);
  for (Index plane = 0; plane < a.planes; ++plane) {
    const float* x = a.x + plane * a.in_h * a.in_w;
    for (Index i = 0; i < a.out_h; ++i) {
      float* out = a.out + (plane * a.out_h + i) * a.out_w;
      const Index top = i * a.stride_h - a.pad_h;
      const Range rows = inside(a.in_h, top, a.kernel_h, a.dilation_h);
      const auto row = [&](Index k) { return x + (top + k * a.dilation_h) * a.in_w; };
      for_outputs<A>(
          a.out_w, whole,
          [&](Index j) {
            const Index left = j * a.stride_w - a.pad_w;
            Vec<A> best(Greatest::start);
            for (Index k = rows.first; k < rows.last; ++k) {
              for (Index l = 0; l < a.kernel_w; ++l) {
                best = max_nan<A>(best, load_every<A>(row(k) + left + l * a.dilation_w, a.stride_w));
              }
            }
            store<A>(out + j, best);
          },
          [&](Index j) {
            const Index left = j * a.stride_w - a.pad_w;
            const Range columns = inside(a.in_w, left, a.kernel_w, a.dilation_w);
            float best = Greatest::start;
            for (Index k = rows.first; k < rows.last; ++k) {
              for (Index l = columns.first; l < columns.last; ++l)
                best = Greatest::of(best, row(k)[left + l * a.dilation_w]);
            }
            out[j] = best;
          });
    }
  }
}

/// The sum of a window of a plane whose rows are `width` floats apart.
template <class A>
MINNOW_INLINE double window_sum(const float* x, Index width, Range rows, Range columns) {
  double total = 0;
  for (Index r = rows.first; r < rows.last; ++r) {
    const float* row = x + r * width;
    if (columns.size() >= kWidth<A>) {
      total += sum_of<A>(row + columns.first, columns.size());
    } else {
      for (Index c = columns.first; c < columns.last; ++c) total += row[c];
    }
  }
  return total;
}

template <class A>
void avg_pool(const PoolArgs& a) {
  constexpr Index kLargest = 16;  // beyond it a float accumulator would add too many values
  Range whole = interior(a.in_w, a.out_w, a.kernel_w, a.stride_w, a.pad_w, 1);
  if (a.kernel_h > kLargest || a.kernel_w > kLargest) whole = {0, 0};
  for (Index plane = 0; plane < a.planes; ++plane) {
    const float* x = a.x + plane * a.in_h * a.in_w;
    for (Index i = 0; i < a.out_h; ++i) {
      float* out = a.out + (plane * a.out_h + i) * a.out_w;
      const Index top = i * a.stride_h - a.pad_h;
      const Range padded_rows = clip({top, top + a.kernel_h}, -a.pad_h, a.in_h + a.pad_h);
      const Range rows = clip(padded_rows, 0, a.in_h);
      const auto divisor = [&](Range padded_columns, Range columns) {
        if (a.divisor != 0) return a.divisor;
        return a.count_include_pad ? padded_rows.size() * padded_columns.size() : rows.size() * columns.size();
      };
      for_outputs<A>(
          a.out_w, whole,
          [&](Index j) {
            const Range columns = {j * a.stride_w - a.pad_w, j * a.stride_w - a.pad_w + a.kernel_w};
            Vec<A> total(0.0f);
            for (Index r = rows.first; r < rows.last; ++r) {
              Vec<A> row(0.0f);
              for (Index c = columns.first; c < columns.last; ++c) row += load_every<A>(x + r * a.in_w + c, a.stride_w);
              total += row;
            }
            store<A>(out + j, rows.size() == 0
                                  ? total
                                  : divide<A>(total, Vec<A>(static_cast<float>(divisor(columns, columns)))));
          },
          [&](Index j) {
            const Index left = j * a.stride_w - a.pad_w;
            const Range padded_columns = clip({left, left + a.kernel_w}, -a.pad_w, a.in_w + a.pad_w);
            const Range columns = clip(padded_columns, 0, a.in_w);
            const bool empty = rows.size() == 0 || columns.size() == 0;
            out[j] = empty ? 0.0f
                           : static_cast<float>(window_sum<A>(x, a.in_w, rows, columns) /
                                                static_cast<double>(divisor(padded_columns, columns)));
          });
    }
  }
}

}  // namespace
}  // namespace minnow::kernels
