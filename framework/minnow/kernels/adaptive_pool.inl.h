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

/// The greatest of a window in row-major order.
inline float scan(const float* x, Index width, Range rows, Range columns) {
  float best = Greatest::start;
  for (Index r = rows.first; r < rows.last; ++r) {
    for (Index c = columns.first; c < columns.last; ++c) best = Greatest::of(best, x[r * width + c]);
  }
  return best;
}

struct AverageWindow {
  /// The reduction of several rows into one, lane by lane.
  template <class A>
  MINNOW_INLINE static Vec<A> of(Vec<A> a, Vec<A> b) {
    return a + b;
  }
  MINNOW_INLINE static float of(float a, float b) { return a + b; }

  /// The window's result from the reduced one, and that of four neighbours, written to out.
  template <class F>
  MINNOW_INLINE static float finish(float total, float scale, const F&) {
    return total * scale;
  }
  template <class F>
  MINNOW_INLINE static void finish(Vec<Quad> totals, float scale, float* out, const F&) {
    store<Quad>(out, totals * Vec<Quad>(scale));
  }

  /// The window's result, for windows of any size and place.
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
  template <class F>
  MINNOW_INLINE static float finish(float best, float, const F& again) {
    return best == 0.0f || best != best ? again() : best;
  }
  template <class F>
  MINNOW_INLINE static void finish(Vec<Quad> best, float, float* out, const F& again) {
    store<Quad>(out, best);
    if (!xsimd::any((best == Vec<Quad>(0.0f)) | is_nan<Quad>(best))) return;
    for (Index i = 0; i < 4; ++i) out[i] = finish(out[i], 0, [&] { return again(i); });
  }

  template <class A>
  MINNOW_INLINE static float whole(const float* x, Index width, Range rows, Range columns) {
    float best = Greatest::start;
    for (Index r = rows.first; r < rows.last; ++r) {
      best = of(best, extreme_of<A, Greatest>(x + r * width + columns.first, columns.size()));
    }
    return finish(best, 0, [&] { return scan(x, width, rows, columns); });
  }
};

/// Columns that are reduced over the rows at a time, on the stack.
constexpr Index kStrip = 1024;
/// How far ahead, in floats, the input is called for.
constexpr Index kAhead = 512;
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

/// The reduction of `rows` values (or vectors of neighbours) that lie `width` floats apart.
template <class A, class Op>
MINNOW_INLINE Vec<A> reduce_column(const float* x, Index width, Index rows) {
  Vec<A> acc = load<A>(x);
  for (Index r = 1; r < rows; ++r) acc = Op::template of<A>(acc, load<A>(x + r * width));
  return acc;
}

/// strip[c] = the reduction of the column columns.first + c over the rows.
template <class A, class Op>
MINNOW_INLINE void reduce_strip(const float* x, Index width, Range rows, Range columns, float* strip) {
  constexpr Index W = kWidth<A>;
  const float* top = x + rows.first * width + columns.first;
  const Index n = columns.size(), height = rows.size();
  // Short rows of several windows are not what the hardware prefetches well.
  for (Index ahead = 0; ahead < n * height; ahead += 16) __builtin_prefetch(top + kAhead + ahead);
  const auto reduce = [&](Index count) {
    for (Index c = 0; c + W <= n; c += W) store<A>(strip + c, reduce_column<A, Op>(top + c, width, count));
    if (n >= W) {  // once more over what the last vector has already done
      if (n % W != 0) store<A>(strip + n - W, reduce_column<A, Op>(top + n - W, width, count));
      return;
    }
    for (Index c = 0; c < n; ++c) {
      strip[c] = top[c];
      for (Index r = 1; r < count; ++r) strip[c] = Op::of(strip[c], top[r * width + c]);
    }
  };
  switch (height) {  // constants make straight code
    case 2:
      return reduce(Constant<2>{});
    case 4:
      return reduce(Constant<4>{});
    default:
      return reduce(height);
  }
}

/// Four runs of W neighbouring floats, side by side, each reduced to one.
template <class Op, int W>
MINNOW_INLINE Vec<Quad> reduce_four_runs(const float* x) {
  if constexpr (W == 1) {
    return load<Quad>(x);
  } else if constexpr (W == 2) {
    const Vec<Quad> low = load<Quad>(x), high = load<Quad>(x + 4);
    const Vec<Quad> even = xsimd::zip_lo(low, high), odd = xsimd::zip_hi(low, high);  // runs 0, 2 and runs 1, 3
    return Op::template of<Quad>(xsimd::zip_lo(even, odd), xsimd::zip_hi(even, odd));
  } else {
    Vec<Quad> v[4];
    unroll<4>([&](auto run) {
      v[run] = load<Quad>(x + run * W);
      unroll<W / 4 - 1>([&](auto i) { v[run] = Op::template of<Quad>(v[run], load<Quad>(x + run * W + 4 * i + 4)); });
    });
    transpose4(v);
    return Op::template of<Quad>(Op::template of<Quad>(v[0], v[1]), Op::template of<Quad>(v[2], v[3]));
  }
}

/// out[i] from `count` windows of W columns each, side by side in the strip; `again` looks a window up by its number.
template <class Op, int W, class F>
MINNOW_INLINE void finish_even(const float* strip, float* out, Index count, float scale, const F& again) {
  Index i = 0;
  for (; i + 4 <= count; i += 4) {
    Op::finish(reduce_four_runs<Op, W>(strip + i * W), scale, out + i, [&](Index k) { return again(i + k); });
  }
  for (; i < count; ++i) out[i] = Op::finish(reduce_run<Op, W>(strip + i * W), scale, [&] { return again(i); });
}

/// A plane cut into equal windows of h rows and w columns. Several rows of them share the strip and are finished in one
/// go.
template <class A, class Op>
MINNOW_INLINE void even_plane(const float* x, Index width, Index h, Index w, float* out, Index out_h, Index out_w) {
  alignas(64) float strip[kStrip];
  const Index rows_at_once = kStrip / width;
  const float scale = 1.0f / static_cast<float>(h * w);
  for (Index i = 0; i < out_h; i += rows_at_once) {
    const Index rows = smaller(rows_at_once, out_h - i), count = rows * out_w;
    for (Index r = 0; r < rows; ++r) {
      reduce_strip<A, Op>(x, width, {(i + r) * h, (i + r + 1) * h}, {0, width}, strip + r * width);
    }
    const auto again = [&](Index number) {
      const Index top = (i + number / out_w) * h, left = number % out_w * w;
      return scan(x, width, {top, top + h}, {left, left + w});
    };
    const auto finish = [&](auto constant) { finish_even<Op, constant>(strip, out + i * out_w, count, scale, again); };
    switch (w) {
      case 1:
        finish(Constant<1>{});
        break;
      case 2:
        finish(Constant<2>{});
        break;
      case 4:
        finish(Constant<4>{});
        break;
      default:
        finish(Constant<8>{});
        break;
    }
  }
}

/// One row of the output from windows of any widths, by strips of whole windows.
template <class A, class Op>
MINNOW_INLINE void uneven_row(const float* x, Index width, Range rows, AdaptiveWindows across, float* out,
                              Index out_w) {
  alignas(64) float strip[kStrip];
  for (Index j = 0; j < out_w;) {
    AdaptiveWindows end = across;
    const Index first = across.window().first;
    Index last = first, count = 0;
    for (; j + count < out_w && end.window().last - first <= kStrip; ++count, end.advance()) last = end.window().last;
    reduce_strip<A, Op>(x, width, rows, {first, last}, strip);
    for (const Index stop = j + count; j < stop; ++j, across.advance()) {
      const Range columns = across.window();
      float acc = strip[columns.first - first];
      for (Index c = columns.first + 1; c < columns.last; ++c) acc = Op::of(acc, strip[c - first]);
      const float scale = 1.0f / static_cast<float>(rows.size() * columns.size());
      out[j] = Op::finish(acc, scale, [&] { return scan(x, width, rows, columns); });
    }
  }
}

template <class A, class Op>
void adaptive_pool(const AdaptivePoolArgs& a) {
  const Index in_plane = a.in_h * a.in_w, out_plane = a.out_h * a.out_w;
  if (out_plane == 0) return;
  const AdaptiveWindows down_start(a.in_h, a.out_h), across_start(a.in_w, a.out_w);
  const bool strips = down_start.widest() <= kStripRows && across_start.widest() <= kStripColumns;
  const Index h = down_start.common_width(), w = across_start.common_width();
  const bool even = strips && h != 0 && (w == 1 || w == 2 || w == 4 || w == 8) && a.in_w <= kStrip;
  for (Index plane = 0; plane < a.planes; ++plane) {
    const float* x = a.x + plane * in_plane;
    float* out = a.out + plane * out_plane;
    if (out_plane == 1) {  // the whole plane is one contiguous row
      *out = Op::template whole<A>(x, in_plane, {0, 1}, {0, in_plane});
      continue;
    }
    if (even) {
      even_plane<A, Op>(x, a.in_w, h, w, out, a.out_h, a.out_w);
      continue;
    }
    AdaptiveWindows down = down_start;
    for (Index i = 0; i < a.out_h; ++i, down.advance(), out += a.out_w) {
      const Range rows = down.window();
      if (strips) {
        uneven_row<A, Op>(x, a.in_w, rows, across_start, out, a.out_w);
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
