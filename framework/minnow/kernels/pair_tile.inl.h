#pragma once

#include <minnow/kernels/conv_tile.inl.h>
#include <minnow/kernels/conv_window.inl.h>
#include <minnow/kernels/lanes.inl.h>

// Products by Winograd's inner product ("A New Algorithm for Inner Product", 1968), which has one multiplication for
// two terms:
//
//   x1 y1 + x2 y2 = (x1 + y2) (x2 + y1) - x1 x2 - y1 y2
//
// The last two are sums over the pixel alone and over the output channel alone. It pays on cores that add while they
// multiply, as Zen does: of three input channels, two are a pair and one is multiplied and added as usual, so that both
// kinds of units are busy, and three terms take the time of two.
//
// What is added must be about as large, or the smaller loses its digits: pixels and output channels are scaled to a
// mean absolute value of 1 to 2, by powers of two, which is exact (after Brent, "Error Analysis of Algorithms for
// Matrix Multiplication and Triangular Decomposition Using Winograd's Identity", 1970). And the last two terms must not
// pile up, as they do where no x is negative: of every other pair x2 and y2 change their signs, which leaves their
// product as it was and turns those terms around.

namespace minnow::kernels {
namespace {

/// The powers of two that bring mean absolute values to 1 to 2 (or as near as the range of floats allows), and their
/// inverses. Both are NaN for a mean that is not finite; the inverse is zero for one of zero.
template <class A>
struct PairScales {
  Vec<A> scale, inverse;

  MINNOW_INLINE explicit PairScales(Vec<A> mean) {
    using Int = xsimd::batch<std::int32_t, A>;
    const Int exponent = xsimd::bitwise_cast<Int>(mean) >> 23;
    const Int finite = xsimd::min(xsimd::max(exponent, Int(1)), Int(253));
    const Mask<A> usable = mean < Vec<A>(std::numeric_limits<float>::infinity());
    const auto power = [&](Int e) {
      return xsimd::select(usable, xsimd::bitwise_cast<Vec<A>>(e << 23),
                           Vec<A>(std::numeric_limits<float>::quiet_NaN()));
    };
    scale = power(Int(254) - finite);
    inverse = xsimd::select(mean == Vec<A>(0.0f), Vec<A>(0.0f), power(finite));
  }
};

/// Whether a channel changes its sign: the second one of every other pair.
constexpr bool is_negated(Index channel) { return channel % 6 == 4; }

/// Blocks of input channels that lie together: as many as hold whole threes, and whole pairs of them.
constexpr Index kPairBlocks = 3;

/// How many pixels are staged at a time.
template <class A>
constexpr Index kPairGroup = kWidth<A>;

/// Pixels as tiles of paired products want them, each scaled by itself: [planes][room][three blocks]. Beside them lie,
/// for each, minus the sum of x1 x2 and the inverse of its scale.
template <class A>
struct PairPixels {
  static constexpr int C = kWidth<A>;
  static constexpr Index X = kPairBlocks * C;  // floats from one pixel to the next

  Index channels, blocks, planes, tail;  // tail: channels of the last plane
  Index room;                            // pixels, in whole groups

  PairPixels(Index channel_count, Index pixels)
      : channels(channel_count),
        blocks(ceil_div(channels, C)),
        planes(ceil_div(blocks, kPairBlocks)),
        tail(channels - (planes - 1) * X),
        room(round_up(pixels, kPairGroup<A>)) {}

  Index floats() const { return planes * room * X; }
  /// Where a block of a pixel lies.
  Index at(Index block, Index pixel) const {
    return (block / kPairBlocks * room + pixel) * X + block % kPairBlocks * C;
  }

  /// Of each block of a plane, the lanes that end a pair, and -0.0 in those that change their sign.
  struct Lanes {
    Mask<A> ends[kPairBlocks];
    Vec<A> signs[kPairBlocks];
    explicit Lanes(Index channels_of_plane) {
      float ends_pair[X] = {}, flips[X];
      for (Index c = 0; c + 3 <= channels_of_plane; c += 3) ends_pair[c + 1] = 1.0f;
      for (Index c = 0; c < X; ++c) flips[c] = is_negated(c) ? -0.0f : 0.0f;
      for (Index b = 0; b < kPairBlocks; ++b) {
        ends[b] = load<A>(ends_pair + b * C) > Vec<A>(0.0f);
        signs[b] = load<A>(flips + b * C);
      }
    }
  };
  /// The same of a whole plane and of the last one, for any number of groups.
  struct Planes {
    Lanes whole, last;
    explicit Planes(const PairPixels& pixels) : whole(X), last(pixels.tail) {}
  };

  /// Writes a group of pixels, whose b-th blocks lie at block(b), `Step` floats from one to the next. What is not a
  /// channel there is zero.
  template <Index Step, class Block>
  MINNOW_INLINE void stage(const Planes& lanes_of, float* to, float* sums, float* scales, Index first,
                           const Block& block) const {
    const Vec<A> part(1.0f / static_cast<float>(channels));
    Vec<A> means[C], products[C];
    unroll<C>([&](int i) MINNOW_INLINED { means[i] = products[i] = Vec<A>(0.0f); });
    for (Index b = 0; b < blocks; ++b) {
      const float* x = block(b);
      unroll<C>([&](int i) MINNOW_INLINED { means[i] = fma<A>(xsimd::abs(load<A>(x + i * Step)), part, means[i]); });
    }
    const auto add = [](auto a, auto b) { return a + b; };
    const PairScales<A> of_mean(joined<A>(means, add));
    float scale[C];
    store<A>(scale, of_mean.scale);
    const auto write = [&](Index b, const Lanes& lanes, auto count) MINNOW_INLINED {
      const float* from[count];
      unroll<count>([&](int k) MINNOW_INLINED { from[k] = block(b + k); });
      float* out = to + at(b, first);
      unroll<C>([&](auto i) {
        if constexpr (Step == C && i * C % kLine == 0) {  // no hardware sees the next group
          unroll<count>([&](int k) MINNOW_INLINED { __builtin_prefetch(from[k] + (C + i) * Step); });
        }
        const Vec<A> factor(scale[i]);
        Vec<A> before = factor;  // or anything: no pair ends in the first lane of a plane
        unroll<count>([&](int k) MINNOW_INLINED {
          const Vec<A> x = (load<A>(from[k] + i * Step) ^ lanes.signs[k]) * factor;
          store<A>(out + i * X + k * C, x);
          products[i] = fma<A>(x, previous_lanes<A>(lanes.ends[k], x, before), products[i]);
          before = x;
        });
      });
    };
    Index b = 0;
    for (; b + kPairBlocks <= blocks; b += kPairBlocks) {
      write(b, b / kPairBlocks + 1 < planes ? lanes_of.whole : lanes_of.last, Constant<kPairBlocks>{});
    }
    static_assert(kPairBlocks == 3);
    if (blocks - b == 2) write(b, lanes_of.last, Constant<2>{});
    if (blocks - b == 1) write(b, lanes_of.last, Constant<1>{});
    store<A>(sums + first, -joined<A>(products, add));
    store<A>(scales + first, of_mean.inverse);
  }

  /// The same of pixels that lie where they are to be written. Anything may lie beyond their channels.
  MINNOW_INLINE void stage_in_place(const Planes& lanes_of, float* to, float* sums, float* scales, Index first) const {
    if (channels % C != 0) {
      float* last = to + at(blocks - 1, first);
      for (Index i = 0; i < kPairGroup<A>; ++i) store<A>(last + i * X, load_first<A>(last + i * X, channels % C));
    }
    stage<X>(lanes_of, to, sums, scales, first, [&](Index b) { return to + at(b, first); });
  }

  /// What a tile needs to know of them.
  void show(ConvTile& tile, const float* staged) const {
    tile.x = staged;
    tile.planes = planes;
    tile.plane_stride = room * X;
    tile.tail = tail;
  }
};

/// Scales the weights of a vector of output channels, [channels][C], each channel by itself, and writes behind them
/// what its tiles want besides: minus the sums of y1 y2, and the inverses of the scales.
template <class A>
void scale_pair_weights(float* weights, Index channels) {
  constexpr Index C = kWidth<A>;
  const Vec<A> part(1.0f / static_cast<float>(channels));
  Vec<A> mean(0.0f), sum(0.0f);
  for (Index c = 0; c < channels; ++c) mean = fma<A>(xsimd::abs(load<A>(weights + c * C)), part, mean);
  const PairScales<A> of_mean(mean);
  for (Index c = 0; c < channels; ++c) {
    const Vec<A> y = load<A>(weights + c * C) * of_mean.scale;
    store<A>(weights + c * C, is_negated(c) ? -y : y);
  }
  for (Index c = 0; c + 3 <= channels; c += 3) sum -= load<A>(weights + c * C) * load<A>(weights + (c + 1) * C);
  store<A>(weights + channels * C, sum);
  store<A>(weights + (channels + 1) * C, of_mean.inverse);
}

/// Rows of weights that lie behind those of the input channels.
constexpr Index kPairRows = 2;

/// Where the pixels that three terms broadcast come from. On Zen 4 the terms take two cycles, in which all three can be
/// loaded: from memory they cost nothing, while one that is kept takes an adder's place. On Zen 5 they take one cycle,
/// in which two can be loaded: a register serves all vectors of a tile.
enum class PairPixelsIn { memory, registers };

/// Most pixels of a tile: the weights of three channels, the sums of a pair and what is kept need registers, too.
template <int V, PairPixelsIn In>
constexpr int kPairPixels = (In == PairPixelsIn::memory ? 24 : 20) / V;

/// Three input channels, the first two of which are a pair. The compiler must not know that `x` is the same for all
/// vectors where it is to be read from memory for each.
template <class A, int X, int P, int V>
MINNOW_INLINE void step_pairs(const float* const (&x)[V], const float* w, Index w_block, Vec<A> (&acc)[P][V]) {
  constexpr int C = kWidth<A>;
  Vec<A> y[3][V];
  unroll<V>([&](int v) MINNOW_INLINED {
    unroll<3>([&](int i) MINNOW_INLINED { y[i][v] = load<A>(w + v * w_block + i * C); });
  });
  unroll<P>([&](int p) MINNOW_INLINED {
    unroll<V>([&](int v) MINNOW_INLINED {
      const float* pixel = x[v] + p * X;
      const Vec<A> first = Vec<A>(pixel[0]) + y[1][v], second = Vec<A>(pixel[1]) + y[0][v];
      acc[p][v] = fma<A>(Vec<A>(pixel[2]), y[2][v], acc[p][v]);
      acc[p][v] = fma<A>(first, second, acc[p][v]);
    });
  });
}

/// A tile's sums begin with what the pairs have too much. `terms` lie behind its weights.
template <class A, int P, int V>
MINNOW_INLINE void start_pairs(const ConvTile& t, const float* terms, Vec<A> (&acc)[P][V]) {
  unroll<V>([&](int v) MINNOW_INLINED {
    const Vec<A> sums = load<A>(terms + v * t.w_block);
    unroll<P>([&](int p) MINNOW_INLINED { acc[p][v] = Vec<A>(t.pair_sums[p]) + sums; });
  });
}

/// The scales go, and the bias comes.
template <class A, int P, int V>
MINNOW_INLINE void finish_pairs(const ConvTile& t, const float* terms, Vec<A> (&acc)[P][V]) {
  unroll<V>([&](int v) MINNOW_INLINED {
    const Vec<A> scale = load<A>(terms + v * t.w_block + kWidth<A>);
    const Vec<A> bias = t.bias ? load<A>(t.bias + v * kWidth<A>) : Vec<A>(0.0f);
    unroll<P>([&](int p) MINNOW_INLINED { acc[p][v] = fma<A>(acc[p][v], Vec<A>(t.pixel_scales[p]) * scale, bias); });
  });
}

/// The micro-kernel of paired products, for one tap. A plane holds three blocks, but the last one `tail` channels.
template <class A, int P, int V, PairPixelsIn In>
[[gnu::flatten]] void pair_tile(const ConvTile& t) {
  constexpr int C = kWidth<A>, X = kPairBlocks * C;
  const Index w_block = t.w_block, next_block = t.next_block, next_step = t.next_step;
  const float* terms = t.w + ((t.planes - 1) * X + t.tail) * C;
  Vec<A> acc[P][V];
  prefetch_output<A, P, V>(t);
  start_pairs<A, P, V>(t, terms, acc);
  const float* x[V];
  unroll<V>([&](int v) MINNOW_INLINED {
    x[v] = t.x;
    if constexpr (In == PairPixelsIn::memory) asm("" : "+r"(x[v]));
  });
  const auto forward = [&](Index floats) { unroll<V>([&](int v) MINNOW_INLINED { x[v] += floats; }); };
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
    const auto weight = [&](auto v) { return w + v * w_block; };
    for (; c < channels; ++c, w += C, forward(1)) step_tile<A, X, P, V>(x[0], weight, acc);
    forward(t.plane_stride - channels);
  }
  finish_pairs<A, P, V>(t, terms, acc);
  store_tile<A, P, V>(t, acc);
}

template <class A, int V, PairPixelsIn In>
constexpr TileFunctions kPairTilesOfVectors = [] {
  TileFunctions f{.most = kPairPixels<V, In>, .vectors = V, .channels = kPairBlocks * kWidth<A>, .turn = 3};
  unroll<kPairPixels<V, In>>([&](auto p) { f.of_pixels[p] = pair_tile<A, p + 1, V, In>; });
  return f;
}();

/// (Only Zen 5 wants what is kept.)
template <class A>
const TileFunctions& pair_tiles(Index vectors) {
  using enum PairPixelsIn;
  if constexpr (kWidth<A> == 16) {
    if (vectors == 2 && core() == Core::zen5) return kPairTilesOfVectors<A, 2, registers>;
  }
  return vectors == 1 ? kPairTilesOfVectors<A, 1, memory> : kPairTilesOfVectors<A, 2, memory>;
}

}  // namespace
}  // namespace minnow::kernels
