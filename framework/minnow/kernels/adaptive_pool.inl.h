#pragma once

#include <minnow/kernels/core.h>
#include <minnow/kernels/lanes.inl.h>
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

  /// The window's result from the reduced one, and those of n neighbours, written to out.
  template <class F>
  MINNOW_INLINE static float finish(float total, float scale, const F&) {
    return total * scale;
  }
  template <class A, class F>
  MINNOW_INLINE static void finish(Vec<A> totals, float scale, float* out, Index n, const F&) {
    store_some<A>(out, totals * Vec<A>(scale), n);
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
  template <class A, class F>
  MINNOW_INLINE static void finish(Vec<A> best, float, float* out, Index n, const F& again) {
    store_some<A>(out, best, n);
    if (!xsimd::any((best == Vec<A>(0.0f)) | is_nan<A>(best))) return;
    for (Index i = 0; i < n; ++i) out[i] = finish(out[i], 0, [&] { return again(i); });
  }

  template <class A>
  MINNOW_INLINE static float whole(const float* x, Index width, Range rows, Range columns) {
    float best = Greatest::start;
    for (Index r = rows.first; r < rows.last; ++r) {
      best = of(best, greatest_of<A>(x + r * width + columns.first, columns.size()));
    }
    return finish(best, 0, [&] { return scan(x, width, rows, columns); });
  }
};

/// Columns that are reduced over the rows at a time, on the stack.
constexpr Index kStrip = 1024;
/// How far ahead, in floats, the input is prefetched.
constexpr Index kAhead = 2048;
/// Windows up to this size go through strips; larger ones are summed one by one.
constexpr Index kStripRows = 32, kStripColumns = 16;

/// The reduction of `rows` values (or vectors of neighbours) that lie `width` floats apart.
template <class A, class Op>
MINNOW_INLINE Vec<A> reduce_column(const float* x, Index width, Index rows) {
  Vec<A> acc = load<A>(x);
  for (Index r = 1; r < rows; ++r) acc = Op::template of<A>(acc, load<A>(x + r * width));
  return acc;
}

/// strip[c] = the reduction of the column columns.first + c over the rows. Writes at most a vector beyond the last.
template <class A, class Op>
MINNOW_INLINE void reduce_strip(const float* x, Index width, Range rows, Range columns, float* strip, bool prefetch) {
  constexpr Index W = kWidth<A>;
  const float* top = x + rows.first * width + columns.first;
  const Index n = columns.size(), height = rows.size();
  for (Index ahead = 0; prefetch && ahead < n * height; ahead += 16) __builtin_prefetch(top + kAhead + ahead);
  const auto reduce = [&](Index count) {
    if (n < W) {
      Vec<A> acc = load_first<A>(top, n);
      for (Index r = 1; r < count; ++r) acc = Op::template of<A>(acc, load_first<A>(top + r * width, n));
      return store<A>(strip, acc);
    }
    for (Index c = 0; c + W <= n; c += W) store<A>(strip + c, reduce_column<A, Op>(top + c, width, count));
    // Once more over what the last vector has already done.
    if (n % W != 0) store<A>(strip + n - W, reduce_column<A, Op>(top + n - W, width, count));
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

/// Neighbouring lanes of two vectors reduced in pairs, in the order of evens and odds.
template <class A, class Op>
MINNOW_INLINE Vec<A> reduce_pairs(Vec<A> a, Vec<A> b) {
  return Op::template of<A>(evens<A>(a, b), odds<A>(a, b));
}

/// kWidth neighbouring windows of w columns each, reduced over the columns.
template <class A, class Op, int w>
MINNOW_INLINE Vec<A> reduce_columns(const float* x) {
  constexpr int W = kWidth<A>;
  if constexpr (w == 1) {
    return load<A>(x);
  } else if constexpr (w == 4) {
    const Vec<A> low = reduce_pairs<A, Op>(load<A>(x), load<A>(x + W));
    const Vec<A> high = reduce_pairs<A, Op>(load<A>(x + 2 * W), load<A>(x + 3 * W));
    return gather_runs<A, 1>(reduce_pairs<A, Op>(low, high));
  } else {
    const Vec<A> low = reduce_columns<A, Op, w / 2>(x), high = reduce_columns<A, Op, w / 2>(x + w / 2 * W);
    return gather_runs<A, 2>(reduce_pairs<A, Op>(low, high));
  }
}

/// Planes cut into equal windows of h rows and w columns: as one plane of out_h rows of windows in all. The rows of
/// windows are reduced into a strip, one behind the other, and the columns of many as if they were one row.
template <class A, class Op, int w>
void even_planes(const float* x, Index h, float* out, Index out_h, Index out_w, bool prefetch) {
  constexpr Index W = kWidth<A>;
  alignas(64) float strip[kStrip + W];
  const Index width = out_w * w, rows_at_once = kStrip / width;
  const float scale = 1.0f / static_cast<float>(h * w);
  for (Index i = 0; i < out_h; i += rows_at_once) {
    const Index rows = smaller(rows_at_once, out_h - i), count = rows * out_w;
    for (Index r = 0; r < rows; ++r) {
      reduce_strip<A, Op>(x, width, {(i + r) * h, (i + r + 1) * h}, {0, width}, strip + r * width, prefetch);
    }
    const auto again = [&](Index window) {
      const Index row = i + window / out_w, column = window % out_w;
      return scan(x, width, {row * h, (row + 1) * h}, {column * w, (column + 1) * w});
    };
    float* to = out + i * out_w;
    for (Index k = 0; count >= W && k < count; k += W) {
      const Index first = smaller(k, count - W);  // the last once more over what is already done
      Op::template finish<A>(reduce_columns<A, Op, w>(strip + first * w), scale, to + first, W,
                             [&](Index lane) { return again(first + lane); });
    }
    for (Index k = 0; count < W && k < count; ++k) {
      float acc = strip[k * w];
      for (Index c = 1; c < w; ++c) acc = Op::of(acc, strip[k * w + c]);
      to[k] = Op::finish(acc, scale, [&] { return again(k); });
    }
  }
}

/// The function above for windows of w columns, or null where there is none.
template <class A, class Op>
constexpr auto even_planes_of(Index w) {
  switch (w) {
    case 1:
      return &even_planes<A, Op, 1>;
    case 2:
      return &even_planes<A, Op, 2>;
    case 4:
      return &even_planes<A, Op, 4>;
    case 8:
      return &even_planes<A, Op, 8>;
    default:
      return static_cast<decltype(&even_planes<A, Op, 1>)>(nullptr);
  }
}

/// One row of the output from windows of any widths, by strips of whole windows.
template <class A, class Op>
MINNOW_INLINE void uneven_row(const float* x, Index width, Range rows, AdaptiveWindows across, float* out, Index out_w,
                              bool prefetch) {
  alignas(64) float strip[kStrip + kWidth<A>];
  for (Index j = 0; j < out_w;) {
    AdaptiveWindows end = across;
    const Index first = across.window().first;
    Index last = first, count = 0;
    for (; j + count < out_w && end.window().last - first <= kStrip; ++count, end.advance()) last = end.window().last;
    reduce_strip<A, Op>(x, width, rows, {first, last}, strip, prefetch);
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
  // Short rows of several windows are not what the hardware prefetches well: Xeons gain half, Zen 5 a quarter. Zen 3
  // and 4 prefetch them as well as others, and lose a sixth to ours.
  const bool prefetch = core() != Core::zen3_or_4;
  const bool strips = down_start.widest() <= kStripRows && across_start.widest() <= kStripColumns;
  const Index h = down_start.common_width(), w = across_start.common_width();
  const auto even = strips && h != 0 && a.in_w <= kStrip ? even_planes_of<A, Op>(w) : nullptr;
  if (even && out_plane != 1) return even(a.x, h, a.out, a.planes * a.out_h, a.out_w, prefetch);
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
        uneven_row<A, Op>(x, a.in_w, rows, across_start, out, a.out_w, prefetch);
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
