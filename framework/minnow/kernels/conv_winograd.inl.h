#pragma once

#include <minnow/kernels/conv_tile.inl.h>
#include <minnow/kernels/conv_window.inl.h>
#include <minnow/kernels/winograd_transform.inl.h>

namespace minnow::kernels {
namespace {

/// Convolution by Winograd's minimal filtering, in tiles of E x E values that give M x M output pixels. Of an input
/// with stride S, the pixels of equal (row mod S, column mod S), a phase, are convolved with stride 1 by the T taps in
/// each direction that meet them; the phases are summed where they are multiplied, as if they were input channels.
///
/// Tiles are taken in chunks; for each of the E^2 places in a tile, the transformed pixels of the chunk are multiplied
/// with the transformed weights by the dense micro-kernel, as if the chunk were a row of pixels. A unit is one group of
/// tiles of output channels of one chunk.
template <class A, int E, int T, int S, int X>
struct WinogradConv {
  static constexpr int C = kWidth<A>, M = E - T + 1, kPlaces = E * E, kPhases = S * S;
  static constexpr int kWindow = S == 1 ? T : 2 * T - 1;  // the second phase has a tap less
  static constexpr bool kPlain = X == 1;                  // all phases of a few channels share a block
  static constexpr Index kOutFloats = 40 * 1024;          // what a chunk's products may take of the L2 cache
  static constexpr Index kInFloats = 800 * 1024;  // and its input of a cache behind it: each place is read but once,
                                                  // while each chunk rereads the weights of all
  using Row = Vec<A>[E];

  const ConvShape& s;
  Index phase_rows;          // rows of a phase in the matrix of weights
  Index planes, out_blocks;  // blocks of channels: of all phases of the input, of the output
  Index rows, columns;       // of pixel tiles in an image
  Index chunk, chunks;       // pixel tiles a chunk
  ChannelTiles tiles;        // of output channels
  Index group, groups;       // tiles of output channels a group

  explicit WinogradConv(const ConvShape& shape)
      : s(shape),
        phase_rows(s.in_channels),
        planes(ceil_div(kPhases * phase_rows, C)),
        out_blocks(ceil_div(s.out_channels, C)),
        rows(ceil_div(s.out_h, M)),
        columns(ceil_div(s.out_w, M)) {
    const Index all = s.batch * rows * columns, least = 800 / kPlaces;  // fewer reread the weights too often
    const Index fit = smaller(kInFloats / (kPlaces * planes * C), kOutFloats / (kPlaces * kTileVectors<A> * C));
    chunks = ceil_div(all, fit < least ? least : fit);
    chunk = ceil_div(all, chunks < 1 ? 1 : chunks);
    chunks = chunk < 1 ? 0 : ceil_div(all, chunk);
    tiles = ChannelTiles::of<A>(out_blocks, chunk);
    const Index most = chunk < 1 ? 1 : kOutFloats / (kPlaces * tiles.most() * C * chunk);
    groups = ceil_div(tiles.count, most < 1 ? 1 : most);
    group = ceil_div(tiles.count, groups);
    groups = ceil_div(tiles.count, group);
  }

  static bool applies(const ConvShape& s) {
    return s.kernel_h == kWindow && s.kernel_w == kWindow && s.stride_h == S && s.stride_w == S && s.dilation_h == 1 &&
           s.dilation_w == 1 && s.groups == 1 && (S == 1 || kPlain || s.in_channels % C == 0);
  }
  Index packed_floats() const { return first_row(kPlaces) * out_blocks * C; }
  /// From one place to the next, of the transformed pixels and of a tile's products: one vector more than needed, since
  /// places at powers of two share a set of the caches.
  Index in_pitch() const { return (planes * chunk + 1) * C; }
  Index product_pitch() const { return (tiles.most() * chunk + 1) * C; }
  Index in_floats() const { return kPlaces * in_pitch(); }
  Index product_floats() const { return kPlaces * group * product_pitch(); }
  Index stage_columns() const { return columns * M + T - 1; }
  Index scratch_bytes() const {
    const Index staged = kPlain ? planes * E * stage_columns() * C : 0;
    return (in_floats() + product_floats() + staged) * static_cast<Index>(sizeof(float));
  }
  Index pack_units() const { return out_blocks; }
  Index units() const { return chunks * groups; }
  /// Floats of packed weights of a block of output channels at a place, and where they begin.
  Index place_weights(Index place) const { return (first_row(place + 1) - first_row(place)) * C; }
  Index weights_at(Index place, Index block) const {
    return first_row(place) * out_blocks * C + block * place_weights(place);
  }

  /// How many phases count at row or column i of a tile: one of T - 1 taps is zero at infinity.
  static constexpr Index phases_at(Index i) { return S == 1 || (i == E - 1 && !kPlain) ? 1 : S; }
  /// The same of all rows above i.
  static constexpr Index phases_above(Index i) {
    return i < E ? i * phases_at(0) : (E - 1) * phases_at(0) + phases_at(E - 1);
  }
  /// The row of the matrix of weights at which a place begins.
  Index first_row(Index place) const {
    const Index i = place / E, j = place % E;
    return (phases_above(i) * phases_above(E) + phases_at(i) * phases_above(j)) * phase_rows;
  }

  /// [places][out_blocks][phases that count][input channels][C]
  void pack(const float* weight, float* packed, Index first, Index last) const {
    for (Index block = first; block < last; ++block) {
      for (Index phase = 0; phase < kPhases; ++phase) {
        for (Index c = 0; c < phase_rows; ++c) {
          float lanes[T][T][C] = {};
          for (Index lane = 0; lane < C && c < s.in_channels; ++lane) {
            const Index out = block * C + lane;
            if (out >= s.out_channels) break;
            const float* from = weight + (out * s.in_channels + c) * kWindow * kWindow;
            for (Index h = phase / S; h < kWindow; h += S) {
              for (Index w = phase % S; w < kWindow; w += S) lanes[h / S][w / S][lane] = from[h * kWindow + w];
            }
          }
          pack_one(lanes, packed, block, phase, c);
        }
      }
    }
  }

  void pack_one(const float (&lanes)[T][T][C], float* packed, Index block, Index phase, Index channel) const {
    Vec<A> half[T][E];  // transformed along the columns: [kernel column][row]
    unroll<T>([&](auto j) {
      Vec<A> g[T];
      unroll<T>([&](auto i) { g[i] = load<A>(lanes[i][j]); });
      Winograd<E>::weight(g, half[j]);
    });
    for (Index i = 0; i < E; ++i) {
      if (phase / S >= phases_at(i)) continue;
      Vec<A> g[T];
      unroll<T>([&](auto j) { g[j] = half[j][i]; });
      Row t;
      Winograd<E>::weight(g, t);
      unroll<E>([&](auto j) {
        if (phase % S >= phases_at(j)) return;
        const Index row = slot(phase, j) * phase_rows + channel;
        store<A>(packed + weights_at(i * E + j, block) + row * C, t[j]);
      });
    }
  }

  /// The number of a phase among those that count at column j of a tile.
  static constexpr Index slot(Index phase, Index j) { return phase / S * phases_at(j) + phase % S; }

  /// Transforms the input of the pixel tiles [first, last): [places][planes][chunk][C].
  void transform_input(const float* x, float* to, Index first, Index last) const {
    const Index blocks = planes / kPhases;
    for (Index phase = 0; phase < kPhases; ++phase) {
      for (Index b = 0; b < blocks; ++b) {
        for (Index tile = first; tile < last; ++tile) {
          const Index n = tile / (rows * columns), h = tile / columns % rows * M * S - s.pad_top + phase / S;
          const Index w = tile % columns * M * S - s.pad_left + phase % S;
          const float* plane = x + (n * blocks + b) * s.in_h * s.in_w * C;
          float* out = to + (b * chunk + tile - first) * C;
          if (h >= 0 && w >= 0 && h + (E - 1) * S < s.in_h && w + (E - 1) * S < s.in_w) {
            const float* corner = plane + (h * s.in_w + w) * C;
            transform_tile(out, phase, blocks,
                           [&](int i, int j) { return load<A>(corner + (i * s.in_w + j) * S * C); });
          } else {
            transform_tile(out, phase, blocks, [&](int i, int j) {
              const Index row = h + i * S, column = w + j * S;
              const bool inside = row >= 0 && row < s.in_h && column >= 0 && column < s.in_w;
              return inside ? load<A>(plane + (row * s.in_w + column) * C) : Vec<A>(0.0f);
            });
          }
        }
      }
    }
  }

  /// The same from plain pixels, a row of tiles at a time: their phases are staged as channels.
  void transform_plain(const float* x, float* to, float* stage, Index first, Index last) const {
    const Index pitch = stage_columns() * C;
    for (Index tile = first; tile < last;) {
      const Index n = tile / (rows * columns), row = tile / columns % rows, begin = tile % columns;
      const Index end = smaller(columns, begin + last - tile);
      for (Index channel = 0; channel < kPhases * s.in_channels; ++channel) {
        const Index phase = channel / s.in_channels;
        const float* plane = x + (n * s.in_channels + channel % s.in_channels) * s.in_h * s.in_w;
        float* lane = stage + channel / C * E * pitch + channel % C;
        for (Index i = 0; i < E; ++i) {
          stage_row(plane, lane + i * pitch, (row * M + i) * S - s.pad_top + phase / S,
                    begin * M * S - s.pad_left + phase % S, (end - begin) * M + T - 1);
        }
      }
      for (Index b = 0; b < planes; ++b) {
        for (Index j = begin; j < end; ++j) {
          const float* corner = stage + b * E * pitch + (j - begin) * M * C;
          transform_tile(to + (b * chunk + tile - first + j - begin) * C, 0, 0,
                         [&](int i, int k) { return load<A>(corner + i * pitch + k * C); });
        }
      }
      tile += end - begin;
    }
  }

  /// One lane of `count` pixels of a row, S apart: zero where they lie outside.
  void stage_row(const float* plane, float* to, Index row, Index column, Index count) const {
    const bool inside = row >= 0 && row < s.in_h;
    const Index before = column < 0 ? ceil_div(-column, S) : 0;  // pixels before the first column, and before the end
    const Index within = column < s.in_w ? ceil_div(s.in_w - column, S) : 0;
    const Index from = inside ? smaller(before, count) : count, until = inside ? smaller(within, count) : count;
    for (Index p = 0; p < from; ++p) to[p * C] = 0.0f;
    for (Index p = from; p < until; ++p) to[p * C] = plane[row * s.in_w + column + p * S];
    for (Index p = until; p < count; ++p) to[p * C] = 0.0f;
  }

  template <class Pixel>
  MINNOW_INLINE void transform_tile(float* to, Index phase, Index blocks, const Pixel& pixel) const {
    const Index plane = chunk * C, pitch = in_pitch();
    Row half[E];  // transformed along the rows
    for (int i = 0; i < E; ++i) {
      Row d;
      unroll<E>([&](auto j) { d[j] = pixel(i, j); });
      Winograd<E>::input(d, half[i]);
    }
    for (int j = 0; j < E; ++j) {
      if (!kPlain && phase % S >= phases_at(j)) continue;
      Row d, t;
      unroll<E>([&](auto i) { d[i] = half[i][j]; });
      Winograd<E>::input(d, t);
      float* column = to + j * pitch + slot(phase, j) * blocks * plane;
      unroll<E>([&](auto i) {
        if (kPlain || phase / S < phases_at(i)) store<A>(column + i * E * pitch, t[i]);
      });
    }
  }

  /// Multiplies: [places][tile's vectors][chunk][C] for each tile of output channels in [first, last).
  void multiply(const float* in, const float* packed, float* to, Index first, Index last, Index pixels) const {
    const Index none = 0;
    ConvTile tile{};
    tile.plane_stride = chunk * C;
    tile.taps = 1;
    tile.tap = &none;
    tile.y_block = chunk * C;
    tile.is_output = false;
    for (Index place = 0; place < kPlaces; ++place) {
      const Index terms = first_row(place + 1) - first_row(place);
      tile.planes = ceil_div(terms, C);
      tile.tail = terms - (tile.planes - 1) * C;
      tile.w_block = tile.next_block = tile.next_floats = terms * C;
      tile.x = in + place * in_pitch();
      for (Index t = first; t < last; ++t) {
        tile.w = packed + weights_at(place, tiles.first(t));
        tile.next = tile.w + tiles.size(t) * tile.w_block;
        if (t + 1 == last) {
          tile.next = place + 1 < kPlaces ? packed + weights_at(place + 1, tiles.first(first)) : nullptr;
        }
        tile.y = to + ((t - first) * kPlaces + place) * product_pitch();
        run_tiles<A>(conv_tiles<A, C>(tiles.size(t)), tile, 1, pixels, C, 0);
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
        unroll<E>([&](auto j) { m[j] = load<A>(from + (i * E + j) * product_pitch()); });
        Winograd<E>::output(m, half[i]);
      }
      for (int j = 0; j < wide; ++j) {
        Row m;
        unroll<E>([&](auto i) { m[i] = half[i][j]; });
        Vec<A> out[M];
        Winograd<E>::output(m, out);
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
    float* stage = products + product_floats();
    if constexpr (kPlain) {  // the lanes of no channel
      for (Index i = 0; i < planes * E * stage_columns() * C; i += C) store<A>(stage + i, Vec<A>(0.0f));
    }
    for (Index unit = first; unit < last;) {
      const Index start = unit / groups * chunk, all = s.batch * rows * columns;
      const Index end = start + chunk < all ? start + chunk : all;
      if constexpr (kPlain) {
        transform_plain(static_cast<const float*>(args.x), in, stage, start, end);
      } else {
        transform_input(static_cast<const float*>(args.x), in, start, end);
      }
      for (const Index next = (unit / groups + 1) * groups; unit < last && unit < next; ++unit) {
        const Index begin = unit % groups * group, t_end = smaller(begin + group, tiles.count);
        multiply(in, static_cast<const float*>(args.packed), products, begin, t_end, end - start);
        for (Index t = begin; t < t_end; ++t) {
          for (Index v = 0; v < tiles.size(t); ++v) {
            const float* from = products + (t - begin) * kPlaces * product_pitch() + v * chunk * C;
            transform_output(from, args, tiles.first(t) + v, start, end);
          }
        }
      }
    }
  }
};

}  // namespace
}  // namespace minnow::kernels
