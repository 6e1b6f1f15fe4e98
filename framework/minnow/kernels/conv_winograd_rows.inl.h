#pragma once

#include <minnow/kernels/conv_tile.inl.h>
#include <minnow/kernels/conv_window.inl.h>
#include <minnow/kernels/winograd_tiles.inl.h>

namespace minnow::kernels {
namespace {

/// 3x3 convolution by Winograd's minimal filtering along the rows alone: tiles are E values wide and give M pixels, and
/// the rows of the window are summed as in direct convolution. It takes two thirds of the products, where tiles of 2x2
/// pixels take four ninths, but its weights grow by a third, where theirs nearly double: for maps of so few pixels that
/// weights take longer to read than to multiply with.
///
/// At each of a tile's places, the transformed rows of a chunk are convolved with a window one column wide by the dense
/// micro-kernel, as if they followed each other in a single row. A unit is one tile of output channels of one chunk.
template <class A>
struct WinogradRowConv {
  static constexpr int C = kWidth<A>, E = 4, T = 3, M = E - T + 1;
  static constexpr Index kInFloats = 128 * 1024;  // what a chunk's transformed input may take of the L2 cache
  static constexpr Index kLeastPixels = 28;       // of a chunk, at a place: fewer would reread the weights too often

  using Tiles = WinogradTiles<E, T>;

  const ConvShape& s;
  typename Tiles::Side columns;  // the tiles of a row
  Index planes, out_blocks;      // blocks of channels, of the input and of the output
  Index rows, chunks;            // output rows a chunk, chunks an image
  ChannelTiles tiles;            // of output channels
  Index place_weights;           // floats of packed weights of a block of output channels at a place

  [[gnu::noinline]] explicit WinogradRowConv(const ConvShape& shape)
      : s(shape),
        columns(s.out_w),
        planes(ceil_div(s.in_channels, C)),
        out_blocks(ceil_div(s.out_channels, C)),
        place_weights(s.in_channels * T * C) {
    const Index fit = kInFloats / (E * planes * columns.tiles * C) - (T - 1);
    const Index least = ceil_div(kLeastPixels, columns.tiles);
    rows = ceil_div(s.out_h, ceil_div(s.out_h, fit < least ? least : fit));
    chunks = ceil_div(s.out_h, rows);
    tiles = ChannelTiles::of<A>(out_blocks, rows * columns.tiles);
  }

  static bool applies(const ConvShape& s) {
    return s.kernel_h == T && s.kernel_w == T && s.stride_h == 1 && s.stride_w == 1 && s.dilation_h == 1 &&
           s.dilation_w == 1 && s.groups == 1;
  }
  Index block_weights() const { return E * place_weights; }
  Index packed_floats() const { return out_blocks * block_weights(); }
  /// Tiles of a row that have a place.
  Index tiles_at(Index place) const { return columns.tiles - (columns.drops(place) ? 1 : 0); }
  /// From one place to the next, of the transformed rows and of the products: one vector more than needed, since places
  /// at powers of two share a set of the caches.
  Index in_pitch() const { return (planes * (rows + T - 1) * columns.tiles + 1) * C; }
  Index product_pitch() const { return (tiles.most() * rows * columns.tiles + 1) * C; }
  Index scratch_bytes() const { return E * (in_pitch() + product_pitch()) * static_cast<Index>(sizeof(float)); }
  Index pack_units() const { return out_blocks; }
  Index units() const { return s.batch * chunks * tiles.count; }

  /// [out_blocks][places][planes][rows of the window][channels of the plane][C]
  void pack(const ConvWeights& weight, float* packed, Index first, Index last) const {
    for (Index block = first; block < last; ++block) {
      for (Index c = 0; c < s.in_channels; ++c) {
        float lanes[T][T][C];
        gather_windows<A>(
            weight, s.out_channels, s.in_channels, block * C, [&](Index) { return c; }, lanes);
        const Index plane = c / C * C, channels = smaller(C, s.in_channels - plane);
        float* to = packed + block * block_weights() + (plane * T + c - plane) * C;
        unroll<T>([&](auto h) {
          Vec<A> g[T], t[E];
          unroll<T>([&](auto w) { g[w] = load<A>(lanes[h][w]); });
          Winograd<E>::weight(g, t);
          unroll<E>([&](auto place) { store<A>(to + place * place_weights + h * channels * C, t[place]); });
        });
      }
    }
  }

  /// Transforms the rows that `count` output rows from `first` on read: [places][planes][rows + T - 1][tiles][C].
  void transform_input(const float* image, float* to, Index first, Index count) const {
    for (Index plane = 0; plane < planes; ++plane) {
      for (Index r = 0; r < count + T - 1; ++r) {
        const Index row = first + r - s.pad_top;
        for (Index j = 0; j < columns.tiles; ++j) {
          const int points = columns.points(j);
          Vec<A> d[E], t[E];
          unroll<E>([&](auto i) {
            const Index column = j * M - s.pad_left + i;
            const bool inside = row >= 0 && row < s.in_h && column >= 0 && column < s.in_w;
            d[i] = inside ? load<A>(image + ((plane * s.in_h + row) * s.in_w + column) * C) : Vec<A>(0.0f);
          });
          winograd_input<T>(d, t, points);
          unroll<E>([&](auto i) {
            if (!Tiles::used(i, points)) return;
            store<A>(to + i * in_pitch() + ((plane * (rows + T - 1) + r) * tiles_at(i) + j) * C, t[i]);
          });
        }
      }
    }
  }

  /// Multiplies `count` transformed rows with the weights of one tile of output channels: [places][vectors][count]
  /// [tiles][C]. The weights at `next` are prefetched, if any.
  void multiply(const float* in, const float* packed, const float* next, float* to, Index t, Index count) const {
    ConvTile tile{};
    tile.planes = planes;
    tile.tail = s.in_channels - (planes - 1) * C;
    tile.taps = T;
    tile.w_block = tile.next_block = block_weights();
    tile.next_floats = place_weights;
    tile.is_output = false;
    for (Index place = 0; place < E; ++place) {
      const Index row = tiles_at(place) * C, taps[T] = {0, row, 2 * row};
      tile.tap = taps;
      tile.x = in + place * in_pitch();
      tile.plane_stride = (rows + T - 1) * row;
      tile.w = packed + place * place_weights;
      tile.next = place + 1 < E ? tile.w + place_weights : next;
      tile.y = to + place * product_pitch();
      tile.y_block = count * row;
      run_tiles<A>(conv_tiles<A, C>(tiles.size(t)), tile, 1, count * tiles_at(place), C, 0);
    }
  }

  /// Transforms the products of one vector of output channels into the output rows [first, first + count) of an image.
  void transform_output(const float* from, const ConvArgs& args, Index n, Index block, Index v, Index first,
                        Index count) const {
    const Vec<A> bias = args.bias ? load<A>(args.bias + block * C) : Vec<A>(0.0f), lo(args.lo), hi(args.hi);
    for (Index r = 0; r < count; ++r) {
      const Index at = ((n * out_blocks + block) * s.out_h + first + r) * s.out_w * C;
      float* y = static_cast<float*>(args.y) + at;
      const float* residual = args.residual ? static_cast<const float*>(args.residual) + at : nullptr;
      for (Index j = 0; j < columns.tiles; ++j) {
        const int points = columns.points(j), pixels = columns.pixels(j);
        Vec<A> m[E], out[M];
        unroll<E>([&](auto i) {
          const bool used = Tiles::used(i, points);
          m[i] = used ? load<A>(from + i * product_pitch() + ((v * count + r) * tiles_at(i) + j) * C) : Vec<A>(0.0f);
        });
        winograd_output(m, out, points);
        unroll<M>([&](auto i) {
          if (i >= pixels) return;
          Vec<A> sum = out[i] + bias;
          if (residual) sum += load<A>(residual + (j * M + i) * C);
          store<A>(y + (j * M + i) * C, clamped<A>(sum, lo, hi));
        });
      }
    }
  }

  void run(const ConvArgs& args, Index first, Index last) const {
    float* in = static_cast<float*>(args.scratch);
    float* products = in + E * in_pitch();
    for (Index unit = first; unit < last;) {
      const Index n = unit / tiles.count / chunks, start = unit / tiles.count % chunks * rows;
      const Index count = smaller(rows, s.out_h - start);
      transform_input(static_cast<const float*>(args.x) + n * planes * s.in_h * s.in_w * C, in, start, count);
      for (const Index end = (unit / tiles.count + 1) * tiles.count; unit < last && unit < end; ++unit) {
        const Index t = unit % tiles.count, block = tiles.first(t);
        const float* packed = static_cast<const float*>(args.packed) + block * block_weights();
        const bool more = unit + 1 < last && unit + 1 < end;
        multiply(in, packed, more ? packed + tiles.size(t) * block_weights() : nullptr, products, t, count);
        for (Index v = 0; v < tiles.size(t); ++v) transform_output(products, args, n, block + v, v, start, count);
      }
    }
  }
};

}  // namespace
}  // namespace minnow::kernels
