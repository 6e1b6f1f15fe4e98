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

/// 1x1 convolution, of any stride, by paired products. A unit is one tile of output channels of one chunk of an image's
/// pixels, which are scaled beforehand, a vector's width of them alike.
template <class A>
struct PairConv {
  static constexpr int C = kWidth<A>, X = kPairBlocks * C;
  static constexpr Index kStageFloats = 96 * 1024;  // what a chunk may take of the L2 cache

  const ConvShape& s;
  Index pixels;                 // of an image's output
  Index in_blocks, out_blocks;  // of channels
  Index planes, tail;           // of three blocks of input channels, and the channels of the last plane
  ChannelTiles tiles;
  Index chunk, chunks;  // pixels a chunk, chunks an image
  Index room;           // pixels a chunk, in whole groups
  Index block_weights;  // floats a block of output channels

  explicit PairConv(const ConvShape& shape)
      : s(shape),
        pixels(s.out_h * s.out_w),
        in_blocks(ceil_div(s.in_channels, C)),
        out_blocks(ceil_div(s.out_channels, C)),
        planes(ceil_div(in_blocks, kPairBlocks)),
        tail(s.in_channels - (planes - 1) * X),
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
  Index scratch_bytes() const { return (planes * X + 2) * room * static_cast<Index>(sizeof(float)); }
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

  /// Stages the pixels of a chunk, scaled: [planes][room][X], and what tiles want of them: less the sums of x1 x2, and
  /// what makes up for the scale.
  [[gnu::flatten]] void stage(const float* image, float* to, float* sums, float* scales, Index start,
                              Index count) const {
    const Index plane = s.in_h * s.in_w * C, last = s.in_channels - (in_blocks - 1) * C;
    const auto pixel = [&](Index block, Index at) {
      const float* x = image + block * plane + at;
      return block + 1 < in_blocks || last == C ? load<A>(x) : load_first<A>(x, last);
    };
    Mask<A> pairs[2][kPairBlocks];  // of a whole plane and of the last one
    for (Index b = 0; b < kPairBlocks; ++b) {
      pairs[0][b] = pair_lanes<A>(b * C, X);
      pairs[1][b] = pair_lanes<A>(b * C, tail);
    }
    Index row = start / s.out_w, column = start % s.out_w;
    for (Index first = 0; first < count; first += C) {
      Index at[C];  // the last pixel again where there are fewer
      for (Index i = 0; i < C; ++i) {
        at[i] = (row * s.stride_h * s.in_w + column * s.stride_w) * C;
        if (first + i + 1 < count && ++column == s.out_w) column = 0, ++row;
      }
      Vec<A> most[4] = {Vec<A>(0.0f), Vec<A>(0.0f), Vec<A>(0.0f), Vec<A>(0.0f)};
      for (Index b = 0; b < in_blocks; ++b) {
        unroll<C>([&](auto i) { most[i % 4] = xsimd::max(xsimd::abs(pixel(b, at[i])), most[i % 4]); });  // no NaN stays
      }
      const Vec<A> all = xsimd::max(xsimd::max(most[0], most[1]), xsimd::max(most[2], most[3]));
      const Scale scale = Scale::of(greatest<A>(all));
      Vec<A> products[C];
      unroll<C>([&](auto i) { products[i] = Vec<A>(0.0f); });
      float crossing[C] = {};  // the products whose pixels lie in two blocks
      for (Index b = 0; b < in_blocks; ++b) {
        const Mask<A> begins = pairs[b / kPairBlocks + 1 < planes ? 0 : 1][b % kPairBlocks];
        float* out = to + (b / kPairBlocks * room + first) * X + b % kPairBlocks * C;
        unroll<C>([&](auto i) {
          const Vec<A> x = pixel(b, at[i]) * Vec<A>(scale.there);
          store<A>(out + i * X, x);
          products[i] += x * xsimd::select(begins, next_lanes<A>(x), Vec<A>(0.0f));
        });
        if (b % kPairBlocks == kCrossing<A> / C + 1 && b / kPairBlocks * X + kCrossing<A> + 3 <= s.in_channels) {
          unroll<C>([&](auto i) { crossing[i] += out[i * X - 1] * out[i * X]; });
        }
      }
      store_sums<A>(sums + first, products);
      store<A>(sums + first, -(load<A>(sums + first) + load<A>(crossing)));
      store<A>(scales + first, Vec<A>(scale.back));
    }
  }

  void run(const ConvArgs& args, Index first, Index last) const {
    float* staged = static_cast<float*>(args.scratch);
    float *sums = staged + planes * room * X, *scales = sums + room;
    const Index none = 0;
    ConvTile tile{};
    tile.planes = planes;
    tile.plane_stride = room * X;
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
        run_tiles<A>(pair_tiles<A>(number), tile, 1, count, X, 0);
      }
    }
  }
};

}  // namespace
}  // namespace minnow::kernels
