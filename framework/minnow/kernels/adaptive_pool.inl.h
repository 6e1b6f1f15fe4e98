#pragma once

#include <minnow/kernels/pool.inl.h>

namespace minnow::kernels {
namespace {

/// The windows of an adaptive pool along one direction, one after the other, without a division for each.
class AdaptiveWindows {
 public:
  AdaptiveWindows(Index in, Index out) : out_(out), step_(in / out), step_rest_(in % out) {}

  /// From floor(i * in / out) to ceil((i + 1) * in / out).
  Range window() const {
    const Index rest = rest_ + step_rest_;
    return {first_, first_ + step_ + (rest > out_ ? 2 : rest > 0 ? 1 : 0)};
  }

  void advance() {
    first_ += step_;
    rest_ += step_rest_;
    if (rest_ >= out_) {
      rest_ -= out_;
      ++first_;
    }
  }

  /// The width of every window, or 0 where they differ or overlap.
  Index common_width() const { return step_rest_ == 0 ? step_ : 0; }
  Index widest() const { return step_ + 2; }

 private:
  Index out_, step_, step_rest_;
  Index first_ = 0, rest_ = 0;  // i * in = first * out + rest
};

struct AverageWindow {
  /// The reduction of several rows into one, lane by lane.
  template <class A>
  MINNOW_INLINE static Vec<A> of(Vec<A> a, Vec<A> b) {
    return a + b;
  }
  MINNOW_INLINE static float of(float a, float b) { return a + b; }

  /// The window's result from the reduced one.
  MINNOW_INLINE static float finish(float total, float scale, const float*, Index, Range, Range) {
    return total * scale;
  }

  /// The window's result, for windows of any size.
  template <class A>
  MINNOW_INLINE static float whole(const float* x, Index width, Range rows, Range columns) {
    return static_cast<float>(window_sum<A>(x, width, rows, columns) /
                              static_cast<double>(rows.size() * columns.size()));
  }
};

struct MaxWindow {
  template <class A>
  MINNOW_INLINE static Vec<A> of(Vec<A> a, Vec<A> b) {
    return max_nan<A>(a, b);
  }
  MINNOW_INLINE static float of(float a, float b) { return Greatest::of(a, b); }

  /// Zeros of both signs are equal and NaNs have many faces: which of them wins depends on the order, so look again.
  MINNOW_INLINE static float finish(float best, float, const float* x, Index width, Range rows, Range columns) {
    if (best == 0.0f || best != best) return scan(x, width, rows, columns);
    return best;
  }

  template <class A>
  MINNOW_INLINE static float whole(const float* x, Index width, Range rows, Range columns) {
    float best = Greatest::start;
    for (Index r = rows.first; r < rows.last; ++r) {
      best = of(best, extreme_of<A, Greatest>(x + r * width + columns.first, columns.size()));
    }
    return finish(best, 0, x, width, rows, columns);
  }

  static float scan(const float* x, Index width, Range rows, Range columns) {
    float best = Greatest::start;
    for (Index r = rows.first; r < rows.last; ++r) {
      for (Index c = columns.first; c < columns.last; ++c) best = of(best, x[r * width + c]);
    }
    return best;
  }
};

/// Columns that are reduced over the rows at a time, on the stack.
constexpr Index kStrip = 1024;
/// Windows up to this size go through strips; larger ones are summed one by one.
constexpr Index kStripRows = 32, kStripColumns = 16;

/// W neighbouring floats reduced to one.
template <class Op, int W>
MINNOW_INLINE float reduce_run(const float* x) {
  if constexpr (W == 1) {
    return *x;
  } else {
    return Op::of(reduce_run<Op, (W + 1) / 2>(x), reduce_run<Op, W / 2>(x + (W + 1) / 2));
  }
}

/// strip[c] = the reduction of the column columns.first + c over the rows.
template <class A, class Op>
MINNOW_INLINE void reduce_strip(const float* x, Index width, Range rows, Range columns, float* strip) {
  const float* top = x + rows.first * width + columns.first;
  for_vectors<A>(columns.size(), [&](Index c, Index count) {
    Vec<A> acc = load_some<A>(top + c, count);
    for (Index r = 1; r < rows.size(); ++r) acc = Op::template of<A>(acc, load_some<A>(top + r * width + c, count));
    store_some<A>(strip + c, acc, count);
  });
}

/// out[i] from `count` windows of W columns each, side by side from `first` on.
template <class Op, int W>
MINNOW_INLINE void finish_equal(const float* strip, float* out, Index count, const float* x, Index width, Range rows,
                                Index first) {
  const float scale = 1.0f / static_cast<float>(rows.size() * W);
  for (Index i = 0; i < count; ++i) {
    const Index left = first + i * W;
    out[i] = Op::finish(reduce_run<Op, W>(strip + i * W), scale, x, width, rows, {left, left + W});
  }
}

/// The same for windows of any widths.
template <class Op>
MINNOW_INLINE void finish_windows(const float* strip, float* out, Index count, const float* x, Index width, Range rows,
                                  Index first, AdaptiveWindows across) {
  for (Index i = 0; i < count; ++i, across.advance()) {
    const Range columns = across.window();
    float acc = strip[columns.first - first];
    for (Index c = columns.first + 1; c < columns.last; ++c) acc = Op::of(acc, strip[c - first]);
    const float scale = 1.0f / static_cast<float>(rows.size() * columns.size());
    out[i] = Op::finish(acc, scale, x, width, rows, columns);
  }
}

/// One row of the output, by strips of whole windows.
template <class A, class Op>
MINNOW_INLINE void adaptive_row(const float* x, Index width, Range rows, AdaptiveWindows across, float* out,
                                Index out_w) {
  alignas(64) float strip[kStrip];
  const Index equal = across.common_width();
  for (Index j = 0; j < out_w;) {
    const AdaptiveWindows begin = across;
    const Index first = begin.window().first;
    Index last = first, count = 0;
    for (; j + count < out_w && across.window().last - first <= kStrip; ++count, across.advance())
      last = across.window().last;
    reduce_strip<A, Op>(x, width, rows, {first, last}, strip);
    const auto finish_all = [&](auto w) { finish_equal<Op, w>(strip, out + j, count, x, width, rows, first); };
    switch (equal) {
      case 1:
        finish_all(Constant<1>{});
        break;
      case 2:
        finish_all(Constant<2>{});
        break;
      case 4:
        finish_all(Constant<4>{});
        break;
      case 8:
        finish_all(Constant<8>{});
        break;
      default:
        finish_windows<Op>(strip, out + j, count, x, width, rows, first, begin);
    }
    j += count;
  }
}

template <class A, class Op>
void adaptive_pool(const AdaptivePoolArgs& a) {
  const Index in_plane = a.in_h * a.in_w, out_plane = a.out_h * a.out_w;
  if (out_plane == 0) return;
  const AdaptiveWindows down_start(a.in_h, a.out_h), across_start(a.in_w, a.out_w);
  const bool strips = down_start.widest() <= kStripRows && across_start.widest() <= kStripColumns;
  for (Index plane = 0; plane < a.planes; ++plane) {
    const float* x = a.x + plane * in_plane;
    float* out = a.out + plane * out_plane;
    if (out_plane == 1) {  // the whole plane is one contiguous row
      *out = Op::template whole<A>(x, in_plane, {0, 1}, {0, in_plane});
      continue;
    }
    AdaptiveWindows down = down_start;
    for (Index i = 0; i < a.out_h; ++i, down.advance(), out += a.out_w) {
      const Range rows = down.window();
      if (strips) {
        adaptive_row<A, Op>(x, a.in_w, rows, across_start, out, a.out_w);
      } else {
        AdaptiveWindows across = across_start;
        for (Index j = 0; j < a.out_w; ++j, across.advance()) {
          out[j] = Op::template whole<A>(x, a.in_w, rows, across.window());
        }
      }
    }
  }
}

template <class A>
void adaptive_avg_pool(const AdaptivePoolArgs& args) {
  adaptive_pool<A, AverageWindow>(args);
}
template <class A>
void adaptive_max_pool(const AdaptivePoolArgs& args) {
  adaptive_pool<A, MaxWindow>(args);
}

}  // namespace
}  // namespace minnow::kernels
