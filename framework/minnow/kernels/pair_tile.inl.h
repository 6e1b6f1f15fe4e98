#pragma once

#include <minnow/kernels/conv_tile.inl.h>

// Products by Winograd's inner product ("A New Algorithm for Inner Product", 1968), which has one multiplication for
// two terms:
//
//   x1 y1 + x2 y2 = (x1 + y2) (x2 + y1) - x1 x2 - y1 y2
//
// The last two are sums over the pixel alone and over the output channel alone. It pays on cores that add while they
// multiply, as Zen does: of three input channels, two are a pair and one is multiplied and added as usual, so that both
// kinds of units are busy, and three terms take the time of two. Since x and y are added to each other, the error is
// small against the larger of the two: both are scaled to a largest value of 1 to 2, by powers of two, which is
// exact (Brent, "Error Analysis of Algorithms for Matrix Multiplication and Triangular Decomposition Using Winograd's
// Identity", 1970).

namespace minnow::kernels {
namespace {

/// The power of two that brings `largest`, a largest absolute value, to 1 to 2 (where it is so small that there is
/// none, below), and its inverse. NaN where `largest` is not finite.
struct Scale {
  float there, back;

  static Scale of(float largest) {
    const unsigned bits = __builtin_bit_cast(unsigned, largest), exponent = bits >> 23;
    if (exponent >= 255) return {__builtin_nanf(""), __builtin_nanf("")};
    const unsigned e = exponent < 1 ? 1 : exponent > 253 ? 253 : exponent;
    return {__builtin_bit_cast(float, (254 - e) << 23), __builtin_bit_cast(float, e << 23)};
  }
};

/// The greatest lane of v, or zero; lanes that are NaN do not count.
template <class A>
MINNOW_INLINE float greatest(Vec<A> v) {
  float lanes[kWidth<A>], most = 0;
  store<A>(lanes, v);
  Vec<Quad> four(0.0f);
  for (int i = 0; i < kWidth<A>; i += 4) four = xsimd::max(load<Quad>(lanes + i), four);
  store<Quad>(lanes, four);
  for (int i = 0; i < 4; ++i) most = lanes[i] > most ? lanes[i] : most;
  return most;
}

/// The largest absolute value; NaN does not count.
template <class A>
float largest(const float* x, Index count) {
  Vec<A> most(0.0f);
  Index i = 0;
  for (; i + kWidth<A> <= count; i += kWidth<A>) most = xsimd::max(xsimd::abs(load<A>(x + i)), most);
  if (i < count) most = xsimd::max(xsimd::abs(load_first<A>(x + i, count - i)), most);
  return greatest<A>(most);
}

/// Blocks of input channels that lie together, so that threes make up a whole.
constexpr Index kPairBlocks = 3;

/// The pair whose second channel begins the next block: the place of its first one.
template <class A>
constexpr Index kCrossing = kWidth<A> % 3 == 1 ? kWidth<A> - 1 : 2 * kWidth<A> - 1;

/// The lanes that begin a pair within a block, which begins at channel `first` of a plane of `channels`.
template <class A>
Mask<A> pair_lanes(Index first, Index channels) {
  float begins[kWidth<A>] = {};
  for (Index c = 0; c + 3 <= channels; c += 3) {
    if (c >= first && c + 1 < first + kWidth<A>) begins[c - first] = 1;
  }
  return load<A>(begins) > Vec<A>(0.0f);
}

/// Writes behind the scaled weights of a vector of output channels, [channels][C], what its tiles want besides: less
/// the sums of y1 y2, and what makes up for the scale.
template <class A>
void pack_pair_terms(float* weights, Index channels, const Scale (&scales)[kWidth<A>]) {
  constexpr Index C = kWidth<A>;
  Vec<A> sum(0.0f);
  for (Index c = 0; c + 3 <= channels; c += 3) sum -= load<A>(weights + c * C) * load<A>(weights + (c + 1) * C);
  float* terms = weights + channels * C;
  store<A>(terms, sum);
  for (Index lane = 0; lane < C; ++lane) terms[C + lane] = scales[lane].back;
}

/// Most pixels of a tile: the weights of three channels and the sums of a pair need registers, too.
template <class A, int V>
constexpr int kPairPixels = kRegisters<A> == 32 ? 24 / V
                                                : (V == 1   ? 8
                                                   : V == 2 ? 4
                                                            : 2);

/// Three input channels, the first two of which are a pair. The compiler must not know that `x` is the same for all
/// vectors: an operand that is broadcast from memory costs nothing, and one that is kept takes an adder's place.
template <class A, int X, int P, int V>
MINNOW_INLINE void step_pairs(const float* const (&x)[V], const float* w, Index w_block, Vec<A> (&acc)[P][V]) {
  constexpr int C = kWidth<A>;
  Vec<A> y[3][V];
  unroll<V>([&](auto v) { unroll<3>([&](auto i) { y[i][v] = load<A>(w + v * w_block + i * C); }); });
  unroll<P>([&](auto p) {
    unroll<V>([&](auto v) {
      const float* pixel = x[v] + p * X;
      const Vec<A> first = Vec<A>(pixel[0]) + y[1][v], second = Vec<A>(pixel[1]) + y[0][v];
      acc[p][v] = fma<A>(Vec<A>(pixel[2]), y[2][v], acc[p][v]);
      acc[p][v] = fma<A>(first, second, acc[p][v]);
    });
  });
}

/// A tile's sums begin with what the pairs have too much. `terms` is what pack_pair_terms wrote.
template <class A, int P, int V>
MINNOW_INLINE void start_pairs(const ConvTile& t, const float* terms, Vec<A> (&acc)[P][V]) {
  unroll<V>([&](auto v) {
    const Vec<A> sums = load<A>(terms + v * t.w_block);
    unroll<P>([&](auto p) { acc[p][v] = Vec<A>(t.pair_sums[p]) + sums; });
  });
}

/// The scales go, and the bias comes.
template <class A, int P, int V>
MINNOW_INLINE void finish_pairs(const ConvTile& t, const float* terms, Vec<A> (&acc)[P][V]) {
  unroll<V>([&](auto v) {
    const Vec<A> scale = load<A>(terms + v * t.w_block + kWidth<A>);
    const Vec<A> bias = t.bias ? load<A>(t.bias + v * kWidth<A>) : Vec<A>(0.0f);
    unroll<P>([&](auto p) { acc[p][v] = fma<A>(acc[p][v] * Vec<A>(t.pixel_scales[p]), scale, bias); });
  });
}

/// The micro-kernel of paired products, for one tap. A plane holds three blocks, but the last one `tail` channels.
template <class A, int P, int V>
[[gnu::flatten]] void pair_tile(const ConvTile& t) {
  constexpr int C = kWidth<A>, X = kPairBlocks * C;
  const Index w_block = t.w_block, next_block = t.next_block, next_step = t.next_step;
  const float* terms = t.w + ((t.planes - 1) * X + t.tail) * C;
  Vec<A> acc[P][V];
  prefetch_output<A, P, V>(t);
  start_pairs<A, P, V>(t, terms, acc);
  const float* x[V];
  unroll<V>([&](auto v) {
    x[v] = t.x;
    asm("" : "+r"(x[v]));
  });
  const auto forward = [&](Index floats) { unroll<V>([&](auto v) { x[v] += floats; }); };
  const float* w = t.w;
  const float* next = t.next ? t.next : t.w;
  const bool streams = next_step >= 3 * C;
  for (Index i = 0; i < t.planes; ++i) {
    const Index channels = i + 1 < t.planes ? X : t.tail;
    Index c = 0;
    for (; c + 3 <= channels; c += 3, w += 3 * C, forward(3)) {
      prefetch_weights<A, V>(next, next_block, w, w_block, 3 * C, next_step, streams);
      next += next_step;
      step_pairs<A, X, P, V>(x, w, w_block, acc);
    }
    for (; c < channels; ++c, w += C, forward(1)) step_tile<A, X, P, V>(x[0], w, w_block, acc);
    forward(t.plane_stride - channels);
  }
  finish_pairs<A, P, V>(t, terms, acc);
  store_tile<A, P, V>(t, acc);
}

template <class A, int V>
constexpr TileFunctions kPairTilesOfVectors = [] {
  TileFunctions f{.most = kPairPixels<A, V>, .vectors = V, .channels = kPairBlocks * kWidth<A>, .turn = 3};
  unroll<kPairPixels<A, V>>([&](auto p) { f.of_pixels[p] = pair_tile<A, p + 1, V>; });
  return f;
}();

template <class A>
const TileFunctions& pair_tiles(Index vectors) {
  if constexpr (kTileVectors < A >> 2) {
    if (vectors == 3) return kPairTilesOfVectors<A, 3>;
  }
  return vectors == 1 ? kPairTilesOfVectors<A, 1> : kPairTilesOfVectors<A, 2>;
}

}  // namespace
}  // namespace minnow::kernels
