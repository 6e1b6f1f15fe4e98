#pragma once

#include <minnow/kernels/conv_tile.inl.h>
#include <minnow/kernels/conv_window.inl.h>
#include <minnow/kernels/winograd_transform.inl.h>

namespace minnow::kernels {
namespace {

/// 3x3 convolution of stride 1 by Winograd's minimal filtering, in tiles of M x M output pixels. Tiles are taken in
/// chunks; for each of the (M + 2)^2 places in a tile, the transformed pixels of the chunk are multiplied with the
/// transformed weights by the dense micro-kernel, as if the chunk were a row of pixels. A unit is one group of tiles of
/// output channels of one chunk.
template <class A, int M>
struct WinogradConv {
  static constexpr int C = kWidth<A>, E = M + 2, kPlaces = E * E;
  static constexpr Index kInFloats = 96 * 1024, kOutFloats = 40 * 1024;  // what a chunk may take of the L2 cache
  using Row = Vec<A>[E];

  const ConvShape& s;
  Index in_blocks, out_blocks;  // of channels
  Index tiles;                  // of kTileVectors vectors of output channels
  Index rows, columns;          // of pixel tiles in an image
  Index chunk, chunks;          // pixel tiles a chunk
  Index group, groups;          // tiles of output channels a group
  Index tile_weights;           // floats of packed weights a tile

  explicit WinogradConv(const ConvShape& shape)
      : s(shape),
        in_blocks(ceil_div(s.in_channels, C)),
        out_blocks(ceil_div(s.out_channels, C)),
        tiles(ceil_div(out_blocks, kTileVectors)),
        rows(ceil_div(s.out_h, M)),
        columns(ceil_div(s.out_w, M)),
        tile_weights(kPlaces * s.in_channels * kTileVectors * C) {
    const Index all = s.batch * rows * columns, least = 800 / kPlaces;  // fewer reread the weights too often
    const Index fit = kInFloats / (kPlaces * in_blocks * C);
    chunks = ceil_div(all, fit < least ? least : fit);
    chunk = ceil_div(all, chunks < 1 ? 1 : chunks);
    chunks = chunk < 1 ? 0 : ceil_div(all, chunk);
    const Index most = chunk < 1 ? 1 : kOutFloats / (kPlaces * kTileVectors * C * chunk);
    groups = ceil_div(tiles, most < 1 ? 1 : most);
    group = ceil_div(tiles, groups);
    groups = ceil_div(tiles, group);
  }

  static bool applies(const ConvShape& s) {
    return s.kernel_h == 3 && s.kernel_w == 3 && s.stride_h == 1 && s.stride_w == 1 && s.dilation_h == 1 &&
           s.dilation_w == 1 && s.groups == 1;
  }
  Index packed_floats() const { return kPlaces * s.in_channels * out_blocks * C; }
  Index in_floats() const { return kPlaces * in_blocks * C * chunk; }
  Index scratch_bytes() const {
    return (in_floats() + kPlaces * group * kTileVectors * C * chunk) * static_cast<Index>(sizeof(float));
  }
  Index pack_units() const { return tiles; }
  Index units() const { return chunks * groups; }
  Index vectors_of(Index tile) const { return (tile + 1) * kTileVectors > out_blocks ? 1 : kTileVectors; }

  /// [tiles][places][input channels][vectors of the tile * C]
  void pack(const float* weight, float* packed, Index first, Index last) const {
    for (Index t = first; t < last; ++t) {
      const Index vectors = vectors_of(t), stride = vectors * C;
      for (Index v = 0; v < vectors; ++v) {
        for (Index c = 0; c < s.in_channels; ++c) {
          float lanes[9][C];
          for (Index lane = 0; lane < C; ++lane) {
            const Index out = (t * kTileVectors + v) * C + lane;
            for (int k = 0; k < 9; ++k) {
              lanes[k][lane] = out < s.out_channels ? weight[(out * s.in_channels + c) * 9 + k] : 0.0f;
            }
          }
          pack_one(lanes, packed + t * tile_weights + c * stride + v * C, s.in_channels * stride);
        }
      }
    }
  }

  static void pack_one(const float (&lanes)[9][C], float* to, Index stride) {
    Vec<A> half[3][E];  // transformed along the columns: [kernel column][row]
    unroll<3>([&](auto j) {
      const Vec<A> g[3] = {load<A>(lanes[j]), load<A>(lanes[3 + j]), load<A>(lanes[6 + j])};
      Winograd<M>::weight(g, half[j]);
    });
    unroll<E>([&](auto i) {
      const Vec<A> g[3] = {half[0][i], half[1][i], half[2][i]};
      Row t;
      Winograd<M>::weight(g, t);
      unroll<E>([&](auto j) { store<A>(to + (i * E + j) * stride, t[j]); });
    });
  }

  /// Transforms the input of the pixel tiles [first, last): [places][in_blocks][chunk][C].
  void transform_input(const float* x, float* to, Index first, Index last) const {
    for (Index b = 0; b < in_blocks; ++b) {
      for (Index tile = first; tile < last; ++tile) {
        const Index n = tile / (rows * columns), h = tile / columns % rows * M - s.pad_top;
        const Index w = tile % columns * M - s.pad_left;
        const float* plane = x + (n * in_blocks + b) * s.in_h * s.in_w * C;
        float* out = to + (b * chunk + tile - first) * C;
        if (h >= 0 && w >= 0 && h + E <= s.in_h && w + E <= s.in_w) {
          const float* corner = plane + (h * s.in_w + w) * C;
          transform_tile(out, [&](int i, int j) { return load<A>(corner + (i * s.in_w + j) * C); });
        } else {
          transform_tile(out, [&](int i, int j) {
            const bool inside = h + i >= 0 && h + i < s.in_h && w + j >= 0 && w + j < s.in_w;
            return inside ? load<A>(plane + ((h + i) * s.in_w + w + j) * C) : Vec<A>(0.0f);
          });
        }
      }
    }
  }

  template <class Pixel>
  MINNOW_INLINE void transform_tile(float* to, const Pixel& pixel) const {
    const Index stride = in_blocks * chunk * C;
    Row half[E];  // transformed along the rows
    for (int i = 0; i < E; ++i) {
      Row d;
      unroll<E>([&](auto j) { d[j] = pixel(i, j); });
      Winograd<M>::input(d, half[i]);
    }
    for (int j = 0; j < E; ++j) {
      Row d, t;
      unroll<E>([&](auto i) { d[i] = half[i][j]; });
      Winograd<M>::input(d, t);
      unroll<E>([&](auto i) { store<A>(to + (i * E + j) * stride, t[i]); });
    }
  }

  /// Multiplies: [places][tile's vectors][chunk][C] for each tile of output channels in [first, last).
  void multiply(const float* in, const float* packed, float* to, Index first, Index last, Index pixels) const {
    const Index none = 0;
    constexpr float kInf = std::numeric_limits<float>::infinity();
    ConvTile tile{};
    tile.planes = in_blocks;
    tile.plane_stride = chunk * C;
    tile.taps = 1;
    tile.tap = &none;
    tile.tail = s.in_channels - (in_blocks - 1) * C;
    tile.y_block = chunk * C;
    tile.lo = -kInf;
    tile.hi = kInf;
    for (Index place = 0; place < kPlaces; ++place) {
      for (Index t = first; t < last; ++t) {
        const Index vectors = vectors_of(t);
        tile.x = in + place * in_blocks * chunk * C;
        tile.w = packed + t * tile_weights + place * s.in_channels * vectors * C;
        tile.y = to + ((t - first) * kPlaces + place) * kTileVectors * chunk * C;
        // The weights of the next tile of output channels, or of the next place.
        const Index next_t = t + 1 < last ? t + 1 : first, next_place = t + 1 < last ? place : place + 1;
        const float* next = packed + next_t * tile_weights + next_place * s.in_channels * vectors * C;
        if (next_place == kPlaces || vectors_of(next_t) != vectors) next = nullptr;
        run_tiles<A>(vectors == 1 ? kConvTiles<A, C, 1> : kConvTiles<A, C, kTileVectors>, tile, 1, pixels, C, 0, next);
      }
    }
  }

  /// Transforms the products of one vector of output channels of the pixel tiles [first, last) into y.
  void transform_output(const float* from, const ConvArgs& args, Index block, Index first, Index last) const {
    const Vec<A> bias = args.bias ? load<A>(args.bias + block * C) : Vec<A>(0.0f), lo(args.lo), hi(args.hi);
    for (Index tile = first; tile < last; ++tile, from += C) {
      const Index n = tile / (rows * columns), h = tile / columns % rows * M, w = tile % columns * M;
      const Index at = (((n * out_blocks + block) * s.out_h + h) * s.out_w + w) * C;
      const Index high = s.out_h - h < M ? s.out_h - h : M, wide = s.out_w - w < M ? s.out_w - w : M;
      float* y = static_cast<float*>(args.y) + at;
      const float* residual = args.residual ? static_cast<const float*>(args.residual) + at : nullptr;
      Vec<A> half[E][M];
      for (int i = 0; i < E; ++i) {
        Row m;
        unroll<E>([&](auto j) { m[j] = load<A>(from + (i * E + j) * kTileVectors * chunk * C); });
        Winograd<M>::output(m, half[i]);
      }
      for (int j = 0; j < wide; ++j) {
        Row m;
        unroll<E>([&](auto i) { m[i] = half[i][j]; });
        Vec<A> out[M];
        Winograd<M>::output(m, out);
        unroll<M>([&](auto i) {
          if (i >= high) return;
          Vec<A> sum = out[i] + bias;
          if (residual) sum += load<A>(residual + (i * s.out_w + j) * C);
          store<A>(y + (i * s.out_w + j) * C, xsimd::min(hi, xsimd::max(lo, sum)));
        });
      }
    }
  }

  void run(const ConvArgs& args, Index first, Index last) const {
    float* in = static_cast<float*>(args.scratch);
    float* products = in + in_floats();
    for (Index unit = first; unit < last;) {
      const Index start = unit / groups * chunk, all = s.batch * rows * columns;
      const Index end = start + chunk < all ? start + chunk : all;
      transform_input(static_cast<const float*>(args.x), in, start, end);
      for (const Index next = (unit / groups + 1) * groups; unit < last && unit < next; ++unit) {
        const Index t = unit % groups * group, t_end = t + group < tiles ? t + group : tiles;
        multiply(in, static_cast<const float*>(args.packed), products, t, t_end, end - start);
        for (Index block = t * kTileVectors; block < t_end * kTileVectors && block < out_blocks; ++block) {
          const Index tile = block / kTileVectors - t, vector = block % kTileVectors;
          transform_output(products + (tile * kPlaces * kTileVectors + vector) * chunk * C, args, block, start, end);
        }
      }
    }
  }
};

}  // namespace
}  // namespace minnow::kernels
