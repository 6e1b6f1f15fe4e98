#pragma once

#include <minnow/kernels/conv_direct.inl.h>
#include <minnow/kernels/pair_tile.inl.h>

namespace minnow::kernels {
namespace {

/// 1x1 convolution, of any stride, by paired products. A unit is one tile of output channels of one chunk of an image's
/// pixels.
template <class A>
struct PairConv {
  static constexpr int C = kWidth<A>;
  static constexpr Index kStageFloats = 96 * 1024;  // what a chunk may take of the L2 cache

  const ConvShape& s;
  Index pixels;  // of an image's output
  Index in_blocks, out_blocks;
  Index chunk, chunks;  // pixels a chunk, chunks an image
  PairPixels<A> staged;
  ChannelTiles tiles;
  Index block_weights;  // floats a block of output channels

  [[gnu::noinline]] explicit PairConv(const ConvShape& shape)
      : s(shape),
        pixels(s.out_h * s.out_w),
        in_blocks(ceil_div(s.in_channels, C)),
        out_blocks(ceil_div(s.out_channels, C)),
        chunk(chunk_pixels()),
        chunks(ceil_div(pixels, chunk)),
        staged(s.in_channels, chunk),
        tiles(ChannelTiles::of<A>(out_blocks, chunk)),
        block_weights((s.in_channels + kPairRows) * C) {}

  Index chunk_pixels() const {
    const Index fit = kStageFloats / (in_blocks * C), tile_count = ceil_div(out_blocks, tile_vectors<A>());
    Index count = ceil_div(pixels, fit < 64 ? 64 : fit);
    // Few tiles, or an odd number of them: threads share the pixels.
    if (count == 1 && tile_count < 8 && pixels >= (tile_count % 2 == 1 ? 48 : 96)) count = 2;
    return ceil_div(pixels, count);
  }

  static bool applies(const ConvShape& s) { return is_pointwise(s); }
  Index packed_floats() const { return out_blocks * block_weights; }
  Index scratch_bytes() const { return (staged.floats() + 2 * staged.room) * static_cast<Index>(sizeof(float)); }
  Index pack_units() const { return out_blocks; }
  Index units() const { return s.batch * chunks * tiles.count; }

  /// [out_blocks][in_channels + kPairRows][C]
  void pack(const ConvWeights& weight, float* packed, Index first, Index last) const {
    const DirectConv<A, C> direct(s);
    for (Index block = first; block < last; ++block) {
      float* to = packed + block * block_weights;
      direct.pack_block(weight, block, to);
      scale_pair_weights<A>(to, s.in_channels);
    }
  }

  /// Stages the pixels of a chunk. Those that are not neighbours, or no whole group, are gathered first.
  [[gnu::flatten]] void stage(const float* image, float* to, float* sums, float* scales, Index start,
                              Index count) const {
    const typename PairPixels<A>::Planes lanes(staged);
    const Index plane = s.in_h * s.in_w * C, tail = s.in_channels % C;
    const bool neighbours = s.stride_h == 1 && s.stride_w == 1 && s.in_w == s.out_w;
    for (Index first = 0; first < count; first += kPairGroup<A>) {
      if (neighbours && first + kPairGroup<A> <= count) {
        const float* x = image + (start + first) * C;
        float cleared[kPairGroup<A> * C];  // the last block, where it has other lanes than channels
        for (Index i = 0; tail > 0 && i < kPairGroup<A>; ++i) {
          store<A>(cleared + i * C, load_first<A>(x + (in_blocks - 1) * plane + i * C, tail));
        }
        staged.template stage<C>(lanes, to, sums, scales, first,
                                 [&](Index b) { return tail > 0 && b + 1 == in_blocks ? cleared : x + b * plane; });
        continue;
      }
      for (Index i = first; i < count && i < first + kPairGroup<A>; ++i) {
        const Index row = (start + i) / s.out_w, column = (start + i) % s.out_w;
        const float* x = image + (row * s.stride_h * s.in_w + column * s.stride_w) * C;
        for (Index b = 0; b < in_blocks; ++b, x += plane) store<A>(to + staged.at(b, i), load<A>(x));
      }
      staged.stage_in_place(lanes, to, sums, scales, first);
    }
  }

  void run(const ConvArgs& args, Index first, Index last) const {
    float* staging = static_cast<float*>(args.scratch);
    float *sums = staging + staged.floats(), *scales = sums + staged.room;
    ConvTile tile{};
    staged.show(tile, staging);
    tile.pair_sums = sums;
    tile.pixel_scales = scales;
    tile.taps = 1;
    tile.w_block = tile.next_block = tile.next_floats = block_weights;
    tile.y_block = pixels * C;
    tile.lo = args.lo;
    tile.hi = args.hi;
    for (Index unit = first; unit < last;) {
      const Index n = unit / tiles.count / chunks, start = unit / tiles.count % chunks * chunk;
      const Index count = smaller(chunk, pixels - start);
      const float* image = static_cast<const float*>(args.x) + n * in_blocks * s.in_h * s.in_w * C;
      stage(image, staging, sums, scales, start, count);
      const Index end = smaller(last, (unit / tiles.count + 1) * tiles.count);
      for (; unit < end; ++unit) {
        const Index t = unit % tiles.count, block = tiles.first(t), number = tiles.size(t);
        const Index at = ((n * out_blocks + block) * pixels + start) * C;
        tile.w = static_cast<const float*>(args.packed) + block * block_weights;
        tile.next = unit + 1 < end ? tile.w + number * block_weights : nullptr;
        tile.bias = args.bias ? args.bias + block * C : nullptr;
        tile.residual = args.residual ? static_cast<const float*>(args.residual) + at : nullptr;
        tile.y = static_cast<float*>(args.y) + at;
        run_tiles<A>(pair_tiles<A>(number), tile, 1, count, staged.X, 0);
      }
    }
  }
};

}  // namespace
}  // namespace minnow::kernels
