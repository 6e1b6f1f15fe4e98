#pragma once

#include <minnow/kernels/conv.h>
#include <minnow/kernels/simd.h>

namespace minnow::kernels {
namespace {

/// How many pixels and vectors of output channels a tile of accumulators covers: it fills the registers, less the
/// weights and one pixel.
constexpr int kTileVectors = 2;
template <class A, int V>
constexpr int kTilePixels = kRegisters<A> == 32 ? 14
                            : V == 1            ? 12
                                                : 6;

/// A tile of the output: P neighbouring pixels times V vectors of channels. The sum runs over planes (blocks of input
/// channels), taps (places in the window) and the channels of a plane.
struct ConvTile {
  const float* x;              // the first pixel in the first plane
  const float* w;              // [planes, taps, channels of the plane, V * width]
  const float* bias;           // [V * width] or null
  const float* residual;       // laid out as y, or null
  const float* addend;         // a partial sum to start from, or null
  Index addend_block;          // from one vector's block of it to the next
  float* y;                    // the first pixel in the first vector's block
  Index planes, plane_stride;  // of x
  Index taps;
  const Index* tap;  // offsets into x
  Index tail;        // channels in the last plane
  Index y_block;     // from one vector's block of y to the next
  Index ahead = 0;   // from w to weights that will be wanted soon, in floats: they are called for in passing
  bool clamped = true;
  float lo = 0, hi = 0;
};

template <class A, int P, int V>
MINNOW_INLINE void start_tile(const ConvTile& t, Vec<A> (&acc)[P][V]) {
  unroll<V>([&](auto v) {
    const Vec<A> bias = t.bias ? load<A>(t.bias + v * kWidth<A>) : Vec<A>(0.0f);
    unroll<P>([&](auto p) { acc[p][v] = bias; });
  });
}

/// y = clamp(acc + residual + addend), for P pixels times V vectors.
template <class A, int P, int V>
MINNOW_INLINE void store_tile(const ConvTile& t, Vec<A> (&acc)[P][V]) {
  const auto at = [&](int p, int v) { return v * t.y_block + p * kWidth<A>; };
  if (t.residual) {
    unroll<P>([&](auto p) { unroll<V>([&](auto v) { acc[p][v] += load<A>(t.residual + at(p, v)); }); });
  }
  if (t.addend) {
    unroll<P>([&](auto p) {
      unroll<V>([&](auto v) { acc[p][v] += load<A>(t.addend + v * t.addend_block + p * kWidth<A>); });
    });
  }
  if (t.clamped) {
    const Vec<A> lo(t.lo), hi(t.hi);
    unroll<P>([&](auto p) {
      unroll<V>([&](auto v) { acc[p][v] = xsimd::min(hi, xsimd::max(lo, acc[p][v])); });  // in this order a NaN stays
    });
  }
  unroll<P>([&](auto p) { unroll<V>([&](auto v) { store<A>(t.y + at(p, v), acc[p][v]); }); });
}

/// One input channel: V vectors of weights times P broadcast pixels, X floats apart.
template <class A, int X, int P, int V>
MINNOW_INLINE void step_tile(const float* x, const float* w, Index ahead, Vec<A> (&acc)[P][V]) {
  __builtin_prefetch(w + ahead, 0, 2);
  Vec<A> weight[V];
  unroll<V>([&](auto v) { weight[v] = load<A>(w + v * kWidth<A>); });
  unroll<P>([&](auto p) {
    const Vec<A> pixel(x[p * X]);
    unroll<V>([&](auto v) { acc[p][v] = fma<A>(pixel, weight[v], acc[p][v]); });
  });
}

/// The micro-kernel of every dense convolution: weights are loaded, pixels broadcast. X floats lie from one pixel to
/// the next, and a plane holds X channels, the last one `tail`.
template <class A, int X, int P, int V>
void conv_tile(const ConvTile& t) {
  Vec<A> acc[P][V];
  start_tile<A, P, V>(t, acc);
  const float* w = t.w;
  const float* plane = t.x;
  const Index ahead = t.ahead;
  const Index full = t.tail == X ? t.planes : t.planes - 1;
  for (Index i = 0; i < full; ++i, plane += t.plane_stride) {
    for (Index k = 0; k < t.taps; ++k) {
      const float* x = plane + t.tap[k];
      for (int c = 0; c < X; ++c, w += V * kWidth<A>) step_tile<A, X, P, V>(x + c, w, ahead, acc);
    }
  }
  if (full < t.planes) {
    for (Index k = 0; k < t.taps; ++k) {
      const float* x = plane + t.tap[k];
      for (Index c = 0; c < t.tail; ++c, w += V * kWidth<A>) step_tile<A, X, P, V>(x + c, w, ahead, acc);
    }
  }
  store_tile<A, P, V>(t, acc);
}

/// The micro-kernel where the lanes do not share their input channels (narrow groups): pixels are vectors, too. Plane
/// i holds, for each lane's output channel, the i-th of its input channels.
template <class A, int P>
void lane_tile(const ConvTile& t) {
  constexpr int C = kWidth<A>;
  Vec<A> acc[P][1];
  start_tile<A, P, 1>(t, acc);
  const float* w = t.w;
  const float* plane = t.x;
  for (Index i = 0; i < t.planes; ++i, plane += t.plane_stride) {
    for (Index k = 0; k < t.taps; ++k, w += C) {
      const float* x = plane + t.tap[k];
      const Vec<A> weight = load<A>(w);
      unroll<P>([&](auto p) { acc[p][0] = fma<A>(load<A>(x + p * C), weight, acc[p][0]); });
    }
  }
  store_tile<A, P, 1>(t, acc);
}

/// The micro-kernels of tiles of 1 to `most` pixels, at [pixels - 1].
struct TileFunctions {
  int most = 0;
  void (*of_pixels[14])(const ConvTile&) = {};
};

template <class A, int X, int V>
constexpr TileFunctions kConvTiles = [] {
  TileFunctions f;
  f.most = kTilePixels<A, V>;
  unroll<kTilePixels<A, V>>([&](auto p) { f.of_pixels[p] = conv_tile<A, X, p + 1, V>; });
  return f;
}();

template <class A>
constexpr TileFunctions kLaneTiles = [] {
  TileFunctions f;
  f.most = kTilePixels<A, 1>;
  unroll<kTilePixels<A, 1>>([&](auto p) { f.of_pixels[p] = lane_tile<A, p + 1>; });
  return f;
}();

/// Runs f over `rows` rows of `pixels` neighbouring pixels each, `x_step` floats apart in x; the rows lie `row_step`
/// floats apart in x, and follow each other in y. The last two tiles of a row are about equally wide: a tile of one
/// pixel waits for its own sums. The last tiles call for the weights at `next`, if any, which lie as those at t.w do.
template <class A>
MINNOW_INLINE void run_tiles(const TileFunctions& f, ConvTile t, Index rows, Index pixels, Index x_step, Index row_step,
                             const float* next = nullptr) {
  constexpr Index kLine = 16;  // floats a cache line
  constexpr Index lines = kTileVectors * kWidth<A> < kLine ? 1 : kTileVectors * kWidth<A> / kLine;
  const Index most = f.most;
  Index left = rows * (pixels <= most ? 1 : (pixels + most - 1) / most);
  for (Index r = 0; r < rows; ++r) {
    const float* x = t.x;
    for (Index rest = pixels; rest > 0;) {
      const Index p = rest >= 2 * most ? most : rest > most ? (rest + 1) / 2 : rest;
      t.ahead = next && left <= lines ? next - t.w + (lines - left) * kLine : 0;
      f.of_pixels[p - 1](t);
      t.x += p * x_step;
      t.y += p * kWidth<A>;
      if (t.residual) t.residual += p * kWidth<A>;
      if (t.addend) t.addend += p * kWidth<A>;
      rest -= p;
      --left;
    }
    t.x = x + row_step;
  }
}

}  // namespace
}  // namespace minnow::kernels
