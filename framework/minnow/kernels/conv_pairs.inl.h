#pragma once

#include <minnow/kernels/conv_window.inl.h>
#include <minnow/kernels/pair_tile.inl.h>

namespace minnow::kernels {
namespace {

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
    const Index wide = ceil_div(out_blocks, kTileVectors<A>);
    // Few tiles, or an odd number of them: threads share the pixels.
    if (chunks == 1 && wide < 8 && pixels >= (wide % 2 == 1 ? 48 : 96)) chunks = 2;
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
  void pack(const ConvWeights& weight, float* packed, Index first, Index last) const {
    for (Index block = first; block < last; ++block) {
      float* to = packed + block * block_weights;
      const float* from = weight.values + block * C * s.in_channels;
      Scale scales[C];
      float factors[C];
      for (Index lane = 0; lane < C; ++lane) {
        const Index out = block * C + lane;
        const float factor = out < s.out_channels ? weight.factor(out) : 0;
        const float most = factor != 0 ? largest<A>(from + lane * s.in_channels, s.in_channels) : 0;
        scales[lane] = Scale::of(most * (factor < 0 ? -factor : factor));
        factors[lane] = factor * scales[lane].there;
      }
      const bool whole = (block + 1) * C <= s.out_channels;
      const Index quads = whole ? s.in_channels / 4 * 4 : 0;
      for (Index lane = 0; lane < C; lane += 4) {
        for (Index c = 0; c < quads; c += 4) {
          Vec<Quad> v[4];
          unroll<4>(
              [&](auto i) { v[i] = load<Quad>(from + (lane + i) * s.in_channels + c) * Vec<Quad>(factors[lane + i]); });
          transpose4(v);
          unroll<4>([&](auto i) { store<Quad>(to + (c + i) * C + lane, v[i]); });
        }
      }
      for (Index lane = 0; lane < C; ++lane) {
        const bool used = block * C + lane < s.out_channels;
        for (Index c = quads; c < s.in_channels; ++c) {
          to[c * C + lane] = used ? from[lane * s.in_channels + c] * factors[lane] : 0;
        }
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
