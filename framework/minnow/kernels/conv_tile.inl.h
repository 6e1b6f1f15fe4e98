#pragma once

#include <minnow/kernels/conv.h>
#include <minnow/kernels/core.h>
#include <minnow/kernels/simd.h>

namespace minnow::kernels {
namespace {

/// How many pixels and vectors of output channels a tile of accumulators covers: it fills the registers, less the
/// weights and one pixel. With few registers loads are scarce, and 4 x 3 takes 7 for 12 multiply-adds, 6 x 2 takes 8;
/// SSE2 has no register left for that, since it needs one for each product, and Zen has loads to spare, and reads fewer
/// weights with 6 x 2. With many registers, two vectors ask the least of the caches; one vector of many pixels reads
/// the weights of a small map less often, but its loads keep up with the multiply-adds of Zen 4 alone.
template <class A>
constexpr int kTileVectors = kRegisters<A> == 16 && kWidth<A> > 4 ? 3 : 2;
template <class A>
int tile_vectors() {
  return core() != Core::other ? 2 : kTileVectors<A>;
}
template <class A, int V>
constexpr int kTilePixels = kRegisters<A> == 32 ? 28 / V : 12 / V;
/// The same where pixels are vectors, too.
template <class A>
constexpr int kLanePixels = kRegisters<A> == 32 ? 14 : 12;

constexpr Index kLine = 16;  // floats in a cache line
/// Floats of weights that may be prefetched for the next tile: as much as an L2 cache may hold.
constexpr Index kMostAhead = 256 * 1024;
/// How far ahead of its reads a tile prefetches its own weights into the L1.
constexpr Index kNear = 8 * kLine;

/// A tile of the output: P neighbouring pixels times V vectors of channels. The sum runs over planes (blocks of input
/// channels), taps (places in the window) and the channels of a plane.
struct ConvTile {
  const float* x;              // the first pixel in the first plane
  const float* w;              // [planes, taps, channels of the plane, width] of the first vector
  Index w_block;               // from one vector's weights to the next
  const float* bias;           // [V * width] or null
  const float* residual;       // laid out as y, or null
  const float* addend;         // a partial sum to start from, or null
  Index addend_block;          // from one vector's block of it to the next
  float* y;                    // the first pixel in the first vector's block
  Index planes, plane_stride;  // of x
  bool far = false;            // x may be larger than the L2 cache
  Index taps;
  const Index* tap;                     // offsets into x
  Index tail;                           // channels in the last plane
  Index y_block;                        // from one vector's block of y to the next
  const float* pair_sums = nullptr;     // of paired products, for each pixel: minus the sum of x1 x2,
  const float* pixel_scales = nullptr;  // and the inverse of its scale
  // Weights that will be wanted soon: so many floats for each vector, which are prefetched in passing.
  const float* next = nullptr;
  Index next_block = 0, next_floats = 0;
  bool is_output = true;  // y becomes the convolution's output, which is clamped, not a sum to be added to
  float lo = 0, hi = 0;
  // What run_tiles finds out.
  Index x_step = 0;                    // from one pixel to the next
  Index next_step = 0, next_tile = 0;  // floats to be prefetched in a turn, and in a tile
  bool fetches_y = false;              // y is prefetched

  /// Goes on by so many tiles of `width` pixels.
  template <class A>
  MINNOW_INLINE void forward(Index width, Index tiles = 1) {
    const Index pixels = width * tiles;
    x += pixels * x_step;
    y += pixels * kWidth<A>;
    if (residual) residual += pixels * kWidth<A>;
    if (addend) addend += pixels * kWidth<A>;
    if (next) next += tiles * next_tile;
    if (pair_sums) pair_sums += pixels, pixel_scales += pixels;
  }
};

template <class A, int V>
alignas(64) constexpr float kZeros[V * kWidth<A>] = {};

/// Prefetches what the end of a tile writes and adds: no hardware sees its short rows coming.
template <class A, int P, int V>
MINNOW_INLINE void prefetch_output(const ConvTile& t) {
  constexpr int W = kWidth<A>, lines = (P * W + kLine - 1) / kLine;
  const auto each_line = [&](auto prefetch) MINNOW_INLINED {
    unroll<V>([&](auto v) { unroll<lines>([&](auto line) { prefetch(v * t.y_block + line * kLine); }); });
  };
  if (t.fetches_y) each_line([&](Index at) { __builtin_prefetch(t.y + at, 1); });
  if (t.residual) each_line([&](Index at) { __builtin_prefetch(t.residual + at); });
}

template <class A, int P, int V>
MINNOW_INLINE void start_tile(const ConvTile& t, Vec<A> (&acc)[P][V]) {
  unroll<V>([&](int v) MINNOW_INLINED {
    const Vec<A> bias = t.bias ? load<A>(t.bias + v * kWidth<A>) : Vec<A>(0.0f);
    unroll<P>([&](int p) MINNOW_INLINED { acc[p][v] = bias; });
  });
}

/// y = clamp(acc + residual + addend), for P pixels times V vectors.
template <class A, int P, int V>
MINNOW_INLINE void store_tile(const ConvTile& t, Vec<A> (&acc)[P][V]) {
  const Index y_block = t.y_block;
  float* const y = t.y;
  const auto at = [&](int p, int v) { return v * y_block + p * kWidth<A>; };
  const auto each = [](const auto& f) MINNOW_INLINED {
    unroll<P>([&](int p) MINNOW_INLINED { unroll<V>([&](int v) MINNOW_INLINED { f(p, v); }); });
  };
  if (t.residual) each([&](int p, int v) MINNOW_INLINED { acc[p][v] += load<A>(t.residual + at(p, v)); });
  if (t.addend) {
    each([&](int p, int v) MINNOW_INLINED { acc[p][v] += load<A>(t.addend + v * t.addend_block + p * kWidth<A>); });
  }
  if (t.is_output) {
    const Vec<A> lo(t.lo), hi(t.hi);
    each([&](int p, int v) MINNOW_INLINED { acc[p][v] = clamped<A>(acc[p][v], lo, hi); });
  }
  each([&](int p, int v) MINNOW_INLINED { store<A>(y + at(p, v), acc[p][v]); });
}

/// Prefetches `next_step` floats of each vector's weights to come. A tile that prefetches as many weights as it reads
/// (at most `read` between two turns) is the only one to read its own: they come from memory, and the L2 waits for more
/// lines at a time than the L1 can.
template <class A, int V>
MINNOW_INLINE void prefetch_weights(const float* next, Index next_block, const float* w, Index w_block, Index read,
                                    Index next_step, bool streams) {
  for (Index at = 0; at < read && at < next_step; at += kLine) {
    if (streams) {
      unroll<V>([&](int v) MINNOW_INLINED {
        __builtin_prefetch(next + at + v * next_block, 0, 2);
        __builtin_prefetch(w + kNear + at + v * w_block);
      });
    } else {
      unroll<V>([&](int v) MINNOW_INLINED { __builtin_prefetch(next + at + v * next_block); });
    }
  }
}

/// One input channel: V vectors of weights, the v-th at w(v), times P broadcast pixels, X floats apart.
template <class A, int X, int P, int V, class Weights>
MINNOW_INLINE void step_tile(const float* x, const Weights& w, Vec<A> (&acc)[P][V]) {
  Vec<A> weight[V];
  unroll<V>([&](int v) MINNOW_INLINED { weight[v] = load_once<A>(w(v)); });
  unroll<P>([&](int p) MINNOW_INLINED {
    const Vec<A> pixel(x[p * X]);
    unroll<V>([&](int v) MINNOW_INLINED { add_product<A>(acc[p][v], pixel, weight[v]); });
  });
}

/// After so many input channels a tile of V vectors prefetches what it will want: with few registers once a plane, with
/// many soon again, but not each time where multiply-adds share their units with the loop's own arithmetic.
template <class A, int X, int V>
constexpr Index kTurn = X == 1 || kRegisters<A> < 32 ? X
                        : V == 1                     ? 1
                                                     : 4;
template <class A, int X, int V>
constexpr Index kTurns = X / kTurn<A, X, V>;  // of a whole plane

/// Whether all X channels of a plane are added without a loop. With few registers, or a lone pixel, a tile is short,
/// and what surrounds its multiply-adds takes instructions from a core that a hyperthread may share; of a loop over one
/// channel g++ makes a walk along the row, and spills the sums.
template <class A, int X, int P, int V>
constexpr bool kWholePlanes = kTurn<A, X, V> == X || P == 1;

/// The first `planes` planes of a tile, in this way.
template <class A, int X, int P, int V>
MINNOW_INLINE void add_planes(const ConvTile& t, Index planes, Vec<A> (&acc)[P][V]) {
  const Index taps = t.taps, plane_stride = t.plane_stride, next_step = kTurns<A, X, V> * t.next_step;
  const Index* const tap = t.tap;
  const bool streams = next_step >= X * kWidth<A>;
  const float* next = t.next ? t.next : t.w;
  const float* w[V];
  unroll<V>([&](int v) MINNOW_INLINED { w[v] = t.w + v * t.w_block; });
  const float* plane = t.x;
  for (Index i = 0; i < planes; ++i, plane += plane_stride) {
    for (Index k = 0; k < taps; ++k) {
      const float* x = plane + tap[k];
      prefetch_weights<A, V>(next, t.next_block, w[0], t.w_block, X * kWidth<A>, next_step, streams);
      next += next_step;
      constexpr int lines = X > 1 ? (P * X + kLine - 1) / kLine : 0;
      unroll<lines>([&](int line) MINNOW_INLINED { __builtin_prefetch(x + plane_stride + line * kLine); });
      unroll<X>([&](int c) MINNOW_INLINED {
        const auto weight = [&](int v) MINNOW_INLINED { return w[v] + c * kWidth<A>; };
        step_tile<A, X, P, V>(x + c, weight, acc);
      });
      unroll<V>([&](int v) MINNOW_INLINED {
        w[v] += X * kWidth<A>;
        asm("" : "+r"(w[v]));  // a pointer each, whose loads need no index
      });
    }
  }
}

/// The micro-kernel of every dense convolution: weights are loaded, pixels broadcast. X floats lie from one pixel to
/// the next, and a plane holds X channels, the last one `tail`.
template <class A, int X, int P, int V>
void conv_tile(const ConvTile& t) {
  Vec<A> acc[P][V];
  prefetch_output<A, P, V>(t);
  start_tile<A, P, V>(t, acc);
  const float* w = t.w;
  const float* next = t.next ? t.next : t.w;
  const float* plane = t.x;
  const Index w_block = t.w_block, next_block = t.next_block, next_step = t.next_step;
  constexpr Index read = kTurn<A, X, V> * kWidth<A>;
  const bool streams = next_step >= read;
  Index i = 0;
  if constexpr (kWholePlanes<A, X, P, V>) {
    i = t.tail == X ? t.planes : t.planes - 1;
    add_planes<A, X, P, V>(t, i, acc);
    plane += i * t.plane_stride;
    w += i * t.taps * X * kWidth<A>;
    next += i * t.taps * kTurns<A, X, V> * next_step;
  }
  const auto weight = [&](int v) { return w + v * w_block; };
  for (; X > 1 && i < t.planes; ++i, plane += t.plane_stride) {
    const Index channels = i + 1 < t.planes ? X : t.tail;
    for (Index k = 0; k < t.taps; ++k) {
      const float* x = plane + t.tap[k];
      const float* pixel = x + t.plane_stride;
      const float* end = x + channels;
      while (x < end) {
        prefetch_weights<A, V>(next, next_block, w, w_block, read, next_step, streams);
        next += next_step;
        constexpr int lines = (P * kTurn<A, X, V> + kLine - 1) / kLine;
        unroll<lines>([&](int line) MINNOW_INLINED { __builtin_prefetch(pixel + line * kLine); });
        pixel += lines * kLine;
        if (kTurn<A, X, V> < X && end - x >= kTurn<A, X, V>) {
          unroll<kTurn<A, X, V>>([&](int c) MINNOW_INLINED {
            const auto at = [&](int v) MINNOW_INLINED { return weight(v) + c * kWidth<A>; };
            step_tile<A, X, P, V>(x + c, at, acc);
          });
          x += kTurn<A, X, V>;
          w += kTurn<A, X, V> * kWidth<A>;
        } else {
          for (; x < end; ++x, w += kWidth<A>) step_tile<A, X, P, V>(x, weight, acc);
        }
      }
    }
  }
  store_tile<A, P, V>(t, acc);
}

/// The same for `count` tiles in a row, with one tap, at 0. Nothing else happens here, since what surrounds the
/// multiply-adds of few channels takes as long as they do. (With many registers it pays up to 64, on Intel's cores.)
template <class A, int X, int P, int V>
void pointwise_tiles(const ConvTile& first, Index count) {
  constexpr int C = kWidth<A>, lines = (P * X + kLine - 1) / kLine;
  ConvTile t = first;
  if (!t.bias) t.bias = kZeros<A, V>;
  const Index tail = t.tail % X, planes = t.planes - (tail > 0 ? 1 : 0), plane_stride = t.plane_stride;
  const Index next_block = t.next_block, next_step = t.next ? t.next_tile / planes : 0;
  const Index ahead = t.far ? P * X : plane_stride;  // a plane's multiply-adds are done before the L3 answers
  const float *x = t.x, *next = t.next;
  for (; count > 0; --count) {
    Vec<A> acc[P][V];
    prefetch_output<A, P, V>(t);
    start_tile<A, P, V>(t, acc);
    const float *plane = x, *w[V];
    unroll<V>([&](int v) MINNOW_INLINED { w[v] = t.w + v * t.w_block; });
    for (Index rest = planes; rest > 0; --rest) {
      for (Index at = 0; at < next_step; at += kLine) {
        unroll<V>([&](int v) MINNOW_INLINED { __builtin_prefetch(next + at + v * next_block); });
      }
      next += next_step;
      unroll<lines>([&](int line) MINNOW_INLINED { __builtin_prefetch(plane + ahead + line * kLine); });
      unroll<X>([&](int c) MINNOW_INLINED {
        const auto weight = [&](int v) MINNOW_INLINED { return w[v] + c * C; };
        step_tile<A, X, P, V>(plane + c, weight, acc);
      });
      plane += plane_stride;
      unroll<V>([&](int v) MINNOW_INLINED { w[v] += X * C; });
    }
    for (Index c = 0; c < tail; ++c) {
      const auto weight = [&](int v) MINNOW_INLINED { return w[v] + c * C; };
      step_tile<A, X, P, V>(plane + c, weight, acc);
    }
    store_tile<A, P, V>(t, acc);
    x += P * X;
    t.y += P * C;
    if (t.residual) t.residual += P * C;
    if (t.addend) t.addend += P * C;
  }
}

/// The micro-kernel where the lanes do not share their input channels (narrow groups): pixels are vectors, too. Plane
/// i holds, for each lane's output channel, the i-th of its input channels.
template <class A, int P>
void lane_tile(const ConvTile& t) {
  constexpr int C = kWidth<A>;
  Vec<A> acc[P][1];
  prefetch_output<A, P, 1>(t);
  start_tile<A, P, 1>(t, acc);
  const float* w = t.w;
  const float* plane = t.x;
  for (Index i = 0; i < t.planes; ++i, plane += t.plane_stride) {
    for (Index k = 0; k < t.taps; ++k, w += C) {
      const float* x = plane + t.tap[k];
      const Vec<A> weight = load<A>(w);
      unroll<P>([&](int p) MINNOW_INLINED { acc[p][0] = fma<A>(load<A>(x + p * C), weight, acc[p][0]); });
    }
  }
  store_tile<A, P, 1>(t, acc);
}

/// The micro-kernels of tiles of 1 to `most` pixels, at [pixels - 1].
struct TileFunctions {
  int most = 0;
  int vectors = 1;               // of a tile's output
  Index channels = 1, turn = 1;  // of a plane, between two turns to prefetch
  void (*of_pixels[28])(const ConvTile&) = {};
  void (*pointwise)(const ConvTile& first, Index count) = nullptr;  // of `most` pixels, in a row
};

template <class A, int X, int V>
constexpr TileFunctions kTilesOfVectors = [] {
  constexpr bool plain = X == 1 && kRegisters<A> == 32;  // few weights, which may be read more often
  constexpr int most = plain ? kTilePixels<A, 2> : kTilePixels<A, V>;
  TileFunctions f{.most = most, .vectors = V, .channels = X, .turn = kTurn<A, X, V>};
  unroll<most>([&](auto p) { f.of_pixels[p] = conv_tile<A, X, p + 1, V>; });
  if constexpr (X > 1) f.pointwise = pointwise_tiles<A, X, most, V>;
  return f;
}();

template <class A, int X>
const TileFunctions& conv_tiles(Index vectors) {
  if constexpr (kTileVectors<A> == 3) {
    if (vectors == 3) return kTilesOfVectors<A, X, 3>;
  }
  return vectors == 1 ? kTilesOfVectors<A, X, 1> : kTilesOfVectors<A, X, 2>;
}

template <class A>
constexpr TileFunctions kLaneTiles = [] {
  TileFunctions f{.most = kLanePixels<A>};
  unroll<kLanePixels<A>>([&](auto p) { f.of_pixels[p] = lane_tile<A, p + 1>; });
  return f;
}();

/// Blocks of output channels in tiles, where `pixels` pixels follow each other. The tiles are about equally wide.
struct ChannelTiles {
  Index count = 0;   // of tiles
  Index blocks = 0;  // of output channels, a vector each

  template <class A>
  static ChannelTiles of(Index blocks, Index pixels) {
    const bool row =
        kRegisters<A> == 32 && core() == Core::zen3_or_4 && pixels > kTilePixels<A, 2> && pixels <= kTilePixels<A, 1>;
    const Index most = row ? 1 : tile_vectors<A>(), count = (blocks + most - 1) / most;
    return {count, blocks};
  }
  Index most() const { return (blocks + count - 1) / count; }
  Index first(Index tile) const { return tile * blocks / count; }
  Index size(Index tile) const { return first(tile + 1) - first(tile); }
};

/// The pixels of the next tile of a row of which `rest` are left. The last two tiles are about equally wide, since a
/// tile of one pixel waits for its own sums.
constexpr Index next_tile_pixels(Index rest, Index most) {
  return rest >= 2 * most ? most : rest > most ? (rest + 1) / 2 : rest;
}

/// Runs f over `rows` rows of `pixels` neighbouring pixels each, `x_step` floats apart in x; the rows lie `row_step`
/// floats apart in x, and follow each other in y. Between them the tiles prefetch the weights at t.next, if any.
template <class A>
MINNOW_INLINE void run_tiles(const TileFunctions& f, ConvTile t, Index rows, Index pixels, Index x_step,
                             Index row_step) {
  const Index most = f.most, tiles = rows * ((pixels + most - 1) / most);
  if (tiles == 0) return;
  const auto turns_of = [&](Index channels) { return (channels + f.turn - 1) / f.turn; };
  const Index turns = t.taps * ((t.planes - 1) * turns_of(f.channels) + turns_of(t.tail));
  // A lone pixel does nothing but read weights in their order, which Zen's hardware sees coming. And of more weights
  // than the L2 holds, those that are prefetched first have left it again when they are wanted.
  if ((rows * pixels == 1 && core() != Core::other) || f.vectors * t.next_floats > kMostAhead) t.next = nullptr;
  t.next_step = t.next ? (t.next_floats + tiles * turns - 1) / (tiles * turns) : 0;
  t.next_tile = turns * t.next_step;
  t.x_step = x_step;
  // Sums in the L2 cache are fetched where that was seen to pay: of few channels, tiles end too often.
  t.fetches_y = t.is_output || (kRegisters<A> == 32 && core() == Core::other && t.planes >= 8);
  const bool short_sums = kRegisters<A> < 32 || (core() == Core::other && t.planes <= 4);
  const bool pointwise = f.pointwise && t.taps == 1 && short_sums && (t.planes > 1 || t.tail == f.channels);
  for (Index r = 0; r < rows; ++r) {
    const float* x = t.x;
    Index rest = pixels;
    if (const Index whole = pixels / most - 1; pointwise && whole > 0) {  // the last two tiles share what is left
      f.pointwise(t, whole);
      t.forward<A>(most, whole);
      rest -= whole * most;
    }
    while (rest > 0) {
      const Index p = next_tile_pixels(rest, most);
      f.of_pixels[p - 1](t);
      t.forward<A>(p);
      rest -= p;
    }
    t.x = x + row_step;
  }
}

}  // namespace
}  // namespace minnow::kernels
