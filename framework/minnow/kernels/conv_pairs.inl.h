#pragma once

#include <minnow/kernels/conv_tile.inl.h>
#include <minnow/kernels/conv_window.inl.h>

// Products by Winograd's inner product ("A New Algorithm for Inner Product", 1968), which has one multiplication for
// two terms:
//
//   x1 y1 + x2 y2 = (x1 + y2) (x2 + y1) - x1 x2 - y1 y2
//
// The last two are sums over the pixel alone and over the output channel alone. It pays on cores that add while they
// multiply, as Zen does: of three input channels, two are a pair and one is multiplied and added as usual, so that both
// kinds of units are busy, and three terms take the time of two. Since x and y are added to each other, the error is
// small against the larger of the two: both are scaled to a largest value of 1 to 2 (Brent, "Algorithms for Matrix
// Multiplication", 1970), by powers of two, which is exact.

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

/// The greatest lane of v; lanes that are NaN do not count.
template <class A>
float greatest(Vec<A> v) {
  float lanes[kWidth<A>], most = 0;
  store<A>(lanes, v);
  for (const float lane : lanes) most = lane > most ? lane : most;
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

/// The lanes of a block of `channels` channels that begin a pair: 0, 3, 6, ...
template <class A>
Mask<A> pair_lanes(Index channels) {
  float begins[kWidth<A>] = {};
  for (Index c = 0; c + 3 <= channels; c += 3) begins[c] = 1;
  return load<A>(begins) > Vec<A>(0.0f);
}

/// x1 x2 of each pair of a pixel's channels, in its first lane; zero elsewhere.
template <class A>
MINNOW_INLINE Vec<A> pair_products(Vec<A> x, Mask<A> pairs) {
  return x * xsimd::select(pairs, next_lanes<A>(x), Vec<A>(0.0f));
}

/// Writes behind the scaled weights of a vector of output channels, [channels][C], what its tiles want besides: less
/// the sums of y1 y2, and what makes up for the scale.
template <class A>
void pack_pair_terms(float* weights, Index channels, const Scale (&scales)[kWidth<A>]) {
  constexpr Index C = kWidth<A>;
  Vec<A> sum(0.0f);
  for (Index block = 0; block < channels; block += C) {
    for (Index c = block; c + 3 <= smaller(block + C, channels); c += 3) {
      sum -= load<A>(weights + c * C) * load<A>(weights + (c + 1) * C);
    }
  }
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

/// What the pairs have too much goes, and the scales; the bias comes. `w` is what pack_pair_terms wrote.
template <class A, int P, int V>
MINNOW_INLINE void finish_pairs(const ConvTile& t, const float* w, Vec<A> (&acc)[P][V]) {
  Vec<A> sums[V], scale[V], bias[V];
  unroll<V>([&](auto v) {
    sums[v] = load<A>(w + v * t.w_block);
    scale[v] = load<A>(w + v * t.w_block + kWidth<A>);
    bias[v] = t.bias ? load<A>(t.bias + v * kWidth<A>) : Vec<A>(0.0f);
  });
  unroll<P>([&](auto p) {
    const Vec<A> pixel_sums(t.pair_sums[p]), pixel_scale(t.pixel_scales[p]);
    unroll<V>([&](auto v) { acc[p][v] = fma<A>((acc[p][v] + pixel_sums + sums[v]) * pixel_scale, scale[v], bias[v]); });
  });
}

/// The micro-kernel of paired products, for one tap.
template <class A, int X, int P, int V>
[[gnu::flatten]] void pair_tile(const ConvTile& t) {
  constexpr int C = kWidth<A>, turns = (X + 2) / 3, lines = (P * X + kLine * turns - 1) / (kLine * turns);
  Vec<A> acc[P][V];
  prefetch_output<A, P, V>(t);
  unroll<P>([&](auto p) { unroll<V>([&](auto v) { acc[p][v] = Vec<A>(0.0f); }); });
  const float* x[V];
  unroll<V>([&](auto v) {
    x[v] = t.x;
    asm("" : "+r"(x[v]));
  });
  const auto forward = [&](Index floats) { unroll<V>([&](auto v) { x[v] += floats; }); };
  const float* w = t.w;
  const float* next = t.next ? t.next : t.w;
  const float* to_come = t.x;
  const Index w_block = t.w_block, next_block = t.next_block, next_step = t.next_step;
  const bool streams = next_step >= 3 * C;
  const auto prefetch = [&] {
    prefetch_weights<A, V>(next, next_block, w, w_block, 3 * C, next_step, streams);
    next += next_step;
    unroll<lines>([&](auto line) { __builtin_prefetch(to_come + line * kLine); });
    to_come += lines * kLine;
  };
  for (Index i = 0; i < t.planes; ++i) {
    const Index channels = i + 1 < t.planes ? X : t.tail;
    to_come = x[0] + t.plane_stride;
    Index c = 0;
    for (; c + 3 <= channels; c += 3, w += 3 * C, forward(3)) {
      prefetch();
      step_pairs<A, X, P, V>(x, w, w_block, acc);
    }
    if (c < channels) prefetch();
    for (; c < channels; ++c, w += C, forward(1)) step_tile<A, X, P, V>(x[0], w, w_block, acc);
    forward(t.plane_stride - channels);
  }
  finish_pairs<A, P, V>(t, w, acc);
  store_tile<A, P, V>(t, acc);
}

template <class A, int X, int V>
constexpr TileFunctions kPairTilesOfVectors = [] {
  TileFunctions f{.most = kPairPixels<A, V>, .vectors = V, .channels = X, .turn = 3};
  unroll<kPairPixels<A, V>>([&](auto p) { f.of_pixels[p] = pair_tile<A, X, p + 1, V>; });
  return f;
}();

template <class A, int X>
const TileFunctions& pair_tiles(Index vectors) {
  if constexpr (kTileVectors < A >> 2) {
    if (vectors == 3) return kPairTilesOfVectors<A, X, 3>;
  }
  return vectors == 1 ? kPairTilesOfVectors<A, X, 1> : kPairTilesOfVectors<A, X, 2>;
}

/// 1x1 convolution, of any stride, by paired products. A unit is one tile of output channels of one chunk of an image's
/// pixels, which are scaled beforehand, a vector's width of them alike.
template <class A>
struct PairConv {
  static constexpr int C = kWidth<A>;
  static constexpr Index kStageFloats = 96 * 1024;  // what a chunk may take of the L2 cache

  const ConvShape& s;
  Index pixels;                 // of an image's output
  Index in_blocks, out_blocks;  // of channels
  Index tail;                   // channels of the last block
  ChannelTiles tiles;
  Index chunk, chunks;  // pixels a chunk, chunks an image
  Index room;           // pixels a chunk, in whole groups
  Index block_weights;  // floats a block of output channels

  explicit PairConv(const ConvShape& shape)
      : s(shape),
        pixels(s.out_h * s.out_w),
        in_blocks(ceil_div(s.in_channels, C)),
        out_blocks(ceil_div(s.out_channels, C)),
        tail(s.in_channels - (in_blocks - 1) * C),
        block_weights((s.in_channels + 2) * C) {
    const Index fit = kStageFloats / (in_blocks * C);
    chunks = ceil_div(pixels, fit < 64 ? 64 : fit);
    if (chunks == 1 && out_blocks < 8 && pixels >= 96) chunks = 2;  // few tiles: threads share the pixels
    chunk = ceil_div(pixels, chunks);
    chunks = ceil_div(pixels, chunk);
    room = round_up(chunk, C);
    tiles = ChannelTiles::of<A>(out_blocks, chunk);
  }

  static bool applies(const ConvShape& s) {
    return s.kernel_h == 1 && s.kernel_w == 1 && s.pad_top == 0 && s.pad_left == 0 &&
           (s.out_h - 1) * s.stride_h < s.in_h && (s.out_w - 1) * s.stride_w < s.in_w && s.groups == 1;
  }
  Index packed_floats() const { return out_blocks * block_weights; }
  Index scratch_bytes() const { return (in_blocks * C + 2) * room * static_cast<Index>(sizeof(float)); }
  Index pack_units() const { return out_blocks; }
  Index units() const { return s.batch * chunks * tiles.count; }

  /// [out_blocks][in_channels + 2][C]
  void pack(const float* weight, float* packed, Index first, Index last) const {
    for (Index block = first; block < last; ++block) {
      float* to = packed + block * block_weights;
      Scale scales[C];
      for (Index lane = 0; lane < C; ++lane) {
        const Index out = block * C + lane;
        const float* row = out < s.out_channels ? weight + out * s.in_channels : nullptr;
        scales[lane] = Scale::of(row ? largest<A>(row, s.in_channels) : 0);
        for (Index c = 0; c < s.in_channels; ++c) to[c * C + lane] = row ? row[c] * scales[lane].there : 0;
      }
      pack_pair_terms<A>(to, s.in_channels, scales);
    }
  }

  /// Stages the pixels of a chunk, scaled: [in_blocks][room][C], and what tiles want of them.
  [[gnu::flatten]] void stage(const float* image, float* to, float* sums, float* scales, Index start,
                              Index count) const {
    const Index plane = s.in_h * s.in_w * C;
    const auto pixel = [&](Index block, Index at) {
      const float* x = image + block * plane + at;
      return block + 1 < in_blocks || tail == C ? load<A>(x) : load_first<A>(x, tail);
    };
    const Mask<A> pairs = pair_lanes<A>(C), last_pairs = pair_lanes<A>(tail);
    Index row = start / s.out_w, column = start % s.out_w;
    for (Index first = 0; first < count; first += C) {
      Index at[C];
      for (Index i = 0; i < C; ++i) {
        at[i] = (row * s.stride_h * s.in_w + column * s.stride_w) * C;
        if (first + i + 1 < count && ++column == s.out_w)
          column = 0, ++row;  // the last pixel again where there are fewer
      }
      Vec<A> most(0.0f);
      for (Index b = 0; b < in_blocks; ++b) {
        for (const Index a : at) most = xsimd::max(xsimd::abs(pixel(b, a)), most);  // in this order a NaN goes
      }
      const Scale scale = Scale::of(greatest<A>(most));
      Vec<A> products[C];
      unroll<C>([&](auto i) { products[i] = Vec<A>(0.0f); });
      for (Index b = 0; b < in_blocks; ++b) {
        const Mask<A> begins = b + 1 < in_blocks ? pairs : last_pairs;
        float* out = to + (b * room + first) * C;
        unroll<C>([&](auto i) {
          const Vec<A> x = pixel(b, at[i]) * Vec<A>(scale.there);
          store<A>(out + i * C, x);
          products[i] += pair_products<A>(x, begins);
        });
      }
      unroll<C>([&](auto i) { products[i] = -products[i]; });
      store_sums<A>(sums + first, products);
      store<A>(scales + first, Vec<A>(scale.back));
    }
  }

  void run(const ConvArgs& args, Index first, Index last) const {
    float* staged = static_cast<float*>(args.scratch);
    float *sums = staged + in_blocks * room * C, *scales = sums + room;
    const Index none = 0;
    ConvTile tile{};
    tile.planes = in_blocks;
    tile.plane_stride = room * C;
    tile.taps = 1;
    tile.tap = &none;
    tile.tail = tail;
    tile.w_block = tile.next_block = tile.next_floats = block_weights;
    tile.y_block = pixels * C;
    tile.lo = args.lo;
    tile.hi = args.hi;
    for (Index unit = first; unit < last;) {
      const Index n = unit / tiles.count / chunks, start = unit / tiles.count % chunks * chunk;
      const Index count = smaller(chunk, pixels - start);
      const float* image = static_cast<const float*>(args.x) + n * in_blocks * s.in_h * s.in_w * C;
      stage(image, staged, sums, scales, start, count);
      const Index end = smaller(last, (unit / tiles.count + 1) * tiles.count);
      for (; unit < end; ++unit) {
        const Index t = unit % tiles.count, block = tiles.first(t), number = tiles.size(t);
        const Index at = ((n * out_blocks + block) * pixels + start) * C;
        tile.x = staged;
        tile.w = static_cast<const float*>(args.packed) + block * block_weights;
        tile.next = unit + 1 < end ? tile.w + number * block_weights : nullptr;
        tile.pair_sums = sums;
        tile.pixel_scales = scales;
        tile.bias = args.bias ? args.bias + block * C : nullptr;
        tile.residual = args.residual ? static_cast<const float*>(args.residual) + at : nullptr;
        tile.y = static_cast<float*>(args.y) + at;
        run_tiles<A>(pair_tiles<A, C>(number), tile, 1, count, C, 0);
      }
    }
  }
};

}  // namespace
}  // namespace minnow::kernels
