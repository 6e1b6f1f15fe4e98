#pragma once

#include <minnow/kernels/conv_window.inl.h>
#include <minnow/kernels/pair_tile.inl.h>
#include <minnow/kernels/winograd_tiles.inl.h>

namespace minnow::kernels {
namespace {

/// Convolution by Winograd's minimal filtering, in tiles of E x E values that give M x M output pixels. Of an input
/// with stride S, the pixels of equal (row mod S, column mod S), a phase, are convolved with stride 1 by the T taps in
/// each direction that meet them; the phases are summed where they are multiplied, as if they were input channels.
///
/// Tiles are taken in chunks; for each of the E^2 places in a tile, the transformed pixels of the chunk are multiplied
/// with the transformed weights by the dense micro-kernel, as if the chunk were a row of pixels. The last row and
/// column of an image's tiles leave out the places that their fewer pixels do not need. A unit is one group of tiles of
/// output channels of one chunk. The products are `Paired` or ordinary.
template <class A, int E, int T, int S, int X, bool Paired>
struct WinogradConv {
  static constexpr int C = kWidth<A>, M = E - T + 1, kPlaces = E * E, kPhases = S * S;
  static constexpr int kWindow = S == 1 ? T : 2 * T - 1;       // the second phase has a tap less
  static constexpr bool kPlain = X == 1;                       // all phases of a few channels share a block
  static constexpr Index kExtraRows = Paired ? kPairRows : 0;  // of weights, at each place
  using Row = Vec<A>[E];
  using PixelTile = typename WinogradTiles<E, T>::Tile;

  const ConvShape& s;
  Index phase_rows;           // rows of a phase in the matrix of weights
  Index planes, out_blocks;   // blocks of channels: of all phases of the input, of the output
  WinogradTiles<E, T> image;  // its tiles of pixels
  Index chunk, chunks;        // pixel tiles a chunk
  ChannelTiles tiles;         // of output channels
  Index group, groups;        // tiles of output channels a group
  PairPixels<A> pairs;        // of a chunk, at a place

  [[gnu::noinline]] explicit WinogradConv(const ConvShape& shape)
      : s(shape),
        phase_rows(s.in_channels),
        planes(ceil_div(kPhases * phase_rows, C)),
        out_blocks(ceil_div(s.out_channels, C)),
        image(s.out_h, s.out_w),
        pairs(phase_rows, 0) {
    const Index all = s.batch * image.tiles(), least = 800 / kPlaces;  // fewer reread the weights too often
    const Index fit = smaller(most_in() / (kPlaces * planes * C), most_out() / (kPlaces * kTileVectors<A> * C));
    chunks = ceil_div(all, fit < least ? least : fit);
    chunk = ceil_div(all, chunks < 1 ? 1 : chunks);
    chunks = chunk < 1 ? 0 : ceil_div(all, chunk);
    tiles = ChannelTiles::of<A>(out_blocks, chunk);
    const Index most = chunk < 1 ? 1 : most_out() / (kPlaces * tiles.most() * C * chunk);
    groups = ceil_div(tiles.count, most < 1 ? 1 : most);
    if (chunks < 8 && chunks * groups % 2 == 1 && groups < tiles.count) ++groups;  // for two threads
    group = ceil_div(tiles.count, groups);
    groups = ceil_div(tiles.count, group);
    pairs = PairPixels<A>(phase_rows, chunk);
  }

  /// Floats that a chunk's products may take of the L2 cache. Few channels make short tiles, of which more are better:
  /// where it has 2 MB, as Xeons have it, or 1 MB, as comes with AVX-512. So are they with 2 MB where each chunk
  /// rereads weights that it cannot hold. Else two chunks, whose input two threads share, are better.
  Index most_out() const {
    if (large_l2() && (kPlain || packed_floats() > 1024 * 1024)) return 120 * 1024;
    return (kPlain && kRegisters<A> == 32 ? 80 : 40) * 1024;
  }
  /// Floats that its input may take of a cache behind it: each place is read but once.
  static Index most_in() { return (large_l2() ? 1600 : 800) * 1024; }
  static bool applies(const ConvShape& s) {
    return s.kernel_h == kWindow && s.kernel_w == kWindow && s.stride_h == S && s.stride_w == S && s.dilation_h == 1 &&
           s.dilation_w == 1 && s.groups == 1 && (S == 1 || kPlain || s.in_channels % C == 0);
  }
  Index packed_floats() const { return first_row(kPlaces) * out_blocks * C; }
  /// From one place to the next, of the transformed pixels and of a tile's products: one vector more than needed, since
  /// places at powers of two share a set of the caches.
  Index in_pitch() const { return Paired ? pairs.floats() + 2 * pairs.room + kLine : (planes * chunk + 1) * C; }
  /// Where a block of a pixel tile lies at a place, and how far the next tile is.
  Index in_at(Index block) const { return Paired ? pairs.at(block, 0) : block * chunk * C; }
  static constexpr Index kInStep = Paired ? PairPixels<A>::X : C;
  Index product_pitch() const { return (tiles.most() * chunk + 1) * C; }
  Index in_floats() const { return kPlaces * in_pitch(); }
  Index product_floats() const { return kPlaces * group * product_pitch(); }
  Index stage_columns() const { return image.columns.tiles * M + T - 1; }
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
    return (phases_above(i) * phases_above(E) + phases_at(i) * phases_above(j)) * phase_rows + place * kExtraRows;
  }

  /// [places][out_blocks][phases that count][input channels][C], of plain pixels [input channels][phases].
  void pack(const ConvWeights& weight, float* packed, Index first, Index last) const {
    for (Index block = first; block < last; ++block) {
      for (Index phase = 0; phase < kPhases; ++phase) {
        for (Index c = 0; c < phase_rows; ++c) {
          float lanes[T][T][C] = {};
          for (Index lane = 0; lane < C && c < s.in_channels; ++lane) {
            const Index out = block * C + lane;
            if (out >= s.out_channels) break;
            const float* from = weight.values + (out * s.in_channels + c) * kWindow * kWindow;
            const float factor = weight.factor(out);
            for (Index h = phase / S; h < kWindow; h += S) {
              for (Index w = phase % S; w < kWindow; w += S) {
                lanes[h / S][w / S][lane] = from[h * kWindow + w] * factor;
              }
            }
          }
          pack_one(lanes, packed, block, phase, c);
        }
      }
      for (Index place = 0; Paired && place < kPlaces; ++place) {
        scale_pair_weights<A>(packed + weights_at(place, block), phase_rows);
      }
    }
  }

  void pack_one(const float (&lanes)[T][T][C], float* packed, Index block, Index phase, Index channel) const {
    transform_windows<A, E>(lanes, [&](Index i, Index j, Vec<A> v) {
      if (phase / S >= phases_at(i) || phase % S >= phases_at(j)) return;
      const Index row = kPlain ? channel * kPhases + phase : slot(phase, j) * phase_rows + channel;
      store<A>(packed + weights_at(i * E + j, block) + row * C, v);
    });
  }

  /// The number of a phase among those that count at column j of a tile.
  static constexpr Index slot(Index phase, Index j) { return phase / S * phases_at(j) + phase % S; }

  /// Transforms the input of the pixel tiles [first, last): [places][planes][chunk][C].
  template <bool kEdged>
  void transform_input(const float* x, float* to, Index first, Index last) const {
    const Index blocks = planes / kPhases;
    for (Index phase = 0; phase < kPhases; ++phase) {
      for (Index b = 0; b < blocks; ++b) {
        PixelTile t = image.tile(first);
        for (Index tile = first; tile < last; ++tile, image.advance(t)) {
          const Index h = t.row * M * S - s.pad_top + phase / S, w = t.column * M * S - s.pad_left + phase % S;
          const float* plane = x + (t.n * blocks + b) * s.in_h * s.in_w * C;
          float* out = to + in_at(b);
          if (h >= 0 && w >= 0 && h + (E - 1) * S < s.in_h && w + (E - 1) * S < s.in_w) {
            const float* corner = plane + (h * s.in_w + w) * C;
            transform_tile<kEdged>(out, t, phase, blocks,
                                   [&](int i, int j) { return load<A>(corner + (i * s.in_w + j) * S * C); });
          } else {
            transform_tile<kEdged>(out, t, phase, blocks, [&](int i, int j) {
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
  template <bool kEdged>
  void transform_plain(const float* x, float* to, float* stage, Index first, Index last) const {
    const Index pitch = stage_columns() * C;
    PixelTile t = image.tile(first);
    for (Index tile = first; tile < last;) {
      const PixelTile begin = t;
      const Index count = smaller(image.columns.tiles - begin.column, last - tile);
      for (Index first_lane = 0; first_lane < kPhases * s.in_channels; first_lane += S) {
        const Index channel = first_lane / kPhases, phase_h = first_lane % kPhases / S;
        const float* plane = x + (begin.n * s.in_channels + channel) * s.in_h * s.in_w;
        float* lane = stage + first_lane / C * E * pitch + first_lane % C;
        for (Index i = 0; i < E; ++i) {
          stage_row(plane, lane + i * pitch, (begin.row * M + i) * S - s.pad_top + phase_h,
                    begin.column * M * S - s.pad_left, count * M + T - 1);
        }
      }
      for (Index b = 0; b < planes; ++b) {
        t = begin;
        for (Index j = 0; j < count; ++j, image.advance(t)) {
          const float* corner = stage + b * E * pitch + j * M * C;
          transform_tile<kEdged>(to + in_at(b), t, 0, 0,
                                 [&](int i, int k) { return load<A>(corner + i * pitch + k * C); });
        }
      }
      tile += count;
    }
  }

  /// The S phases of `count` pixels of a row, as neighbouring lanes: zero where they lie outside.
  void stage_row(const float* plane, float* to, Index row, Index column, Index count) const {
    const bool inside = row >= 0 && row < s.in_h;
    const float* from = inside ? plane + row * s.in_w : plane;
    const auto careful = [&](Index p, Index end) {
      for (; p < end; ++p) {
        for (Index i = p * S; i < (p + 1) * S; ++i) {
          to[p * C + i % S] = inside && column + i >= 0 && column + i < s.in_w ? from[column + i] : 0.0f;
        }
      }
    };
    const Index before = smaller(column < 0 ? ceil_div(-column, S) : 0, count);
    const Index within = inside && column < s.in_w ? smaller((s.in_w - column) / S, count) : before;
    careful(0, before);
    for (Index p = before; p < within; ++p) {
      const float* pixels = from + (column + p * S);
      if (p % (kLine / S) == 0) __builtin_prefetch(pixels + M * S * s.in_w);  // of the tiles below
      copy_floats(pixels, to + p * C, S);
    }
    careful(within, count);
  }

  template <bool kEdged, class Pixel>
  MINNOW_INLINE void transform_tile(float* to, const PixelTile& tile, Index phase, Index blocks,
                                    const Pixel& pixel) const {
    const Index plane = chunk * C, pitch = in_pitch();
    const int high = kEdged ? image.rows.points(tile.row) : E, wide = kEdged ? image.columns.points(tile.column) : E;
    Index offset[2][E];  // of the rows of places
    unroll<kEdged ? E : 0>([&](auto i) {
      unroll<2>([&](auto j) { offset[j][i] = i * E * pitch + tile.number[image.rows.drops(i)][j] * kInStep; });
    });
    if (!kEdged) to += tile.number[0][0] * kInStep;
    Row half[E];  // transformed along the rows
    for (int i = 0; i < E; ++i) {
      if (i >= high) {
        unroll<E>([&](auto j) { half[i][j] = Vec<A>(0.0f); });
        continue;
      }
      Row d;
      unroll<E>([&](auto j) { d[j] = pixel(i, j); });
      winograd_input<T>(d, half[i], wide);
    }
    for (int j = 0; j < E; ++j) {
      if (!image.used(j, wide) || (!kPlain && phase % S >= phases_at(j))) continue;
      Row d, t;
      unroll<E>([&](auto i) { d[i] = half[i][j]; });
      winograd_input<T>(d, t, high);
      float* column = to + j * pitch + slot(phase, j) * blocks * plane;
      const Index* row = offset[image.columns.drops(j)];
      unroll<E>([&](auto i) {
        if (!image.used(i, high) || (!kPlain && phase / S >= phases_at(i))) return;
        store<A>(column + (kEdged ? row[i] : i * E * pitch), t[i]);
      });
    }
  }

  /// How many pixel tiles of a chunk, whose end is `end`, have a place.
  Index tiles_at(Index place, const PixelTile& end) const {
    return end.number[image.rows.drops(place / E)][image.columns.drops(place % E)];
  }

  /// Scales the transformed pixels of a chunk for paired products.
  [[gnu::flatten]] void scale_input(float* in, const PixelTile& end) const {
    const typename PairPixels<A>::Planes lanes(pairs);
    for (Index place = 0; place < kPlaces; ++place, in += in_pitch()) {
      float *sums = in + pairs.floats(), *scales = sums + pairs.room;
      const Index count = tiles_at(place, end);
      for (Index first = 0; first < count; first += kPairGroup<A>) {
        pairs.stage_in_place(lanes, in, sums, scales, first);
      }
    }
  }

  /// Multiplies the pixel tiles of a chunk, whose end is `end`: [places][tile's vectors][chunk][C] for each tile of
  /// output channels in [first, last).
  void multiply(const float* in, const float* packed, float* to, Index first, Index last, const PixelTile& end) const {
    const Index none = 0;
    ConvTile tile{};
    tile.plane_stride = chunk * C;
    tile.taps = 1;
    tile.tap = &none;
    tile.y_block = chunk * C;
    tile.is_output = false;
    for (Index place = 0; place < kPlaces; ++place) {
      const Index rows = first_row(place + 1) - first_row(place), terms = rows - kExtraRows;
      tile.planes = ceil_div(terms, C);
      tile.tail = terms - (tile.planes - 1) * C;
      tile.w_block = tile.next_block = tile.next_floats = rows * C;
      tile.x = in + place * in_pitch();
      if constexpr (Paired) {
        pairs.show(tile, tile.x);
        tile.pair_sums = tile.x + pairs.floats();
        tile.pixel_scales = tile.pair_sums + pairs.room;
      }
      const Index pixels = tiles_at(place, end);
      for (Index t = first; t < last; ++t) {
        tile.w = packed + weights_at(place, tiles.first(t));
        tile.next = tile.w + tiles.size(t) * tile.w_block;
        if (t + 1 == last) {
          tile.next = place + 1 < kPlaces ? packed + weights_at(place + 1, tiles.first(first)) : nullptr;
        }
        tile.y = to + ((t - first) * kPlaces + place) * product_pitch();
        run_tiles<A>(Paired ? pair_tiles<A>(tiles.size(t)) : conv_tiles<A, C>(tiles.size(t)), tile, 1, pixels, kInStep,
                     0);
      }
    }
  }

  /// Transforms the products of one vector of output channels of the pixel tiles [first, last) into y.
  template <bool kEdged>
  void transform_output(const float* from, const ConvArgs& args, Index block, Index first, Index last) const {
    const Vec<A> bias = args.bias ? load<A>(args.bias + block * C) : Vec<A>(0.0f), lo(args.lo), hi(args.hi);
    PixelTile t = image.tile(first);
    for (Index tile = first; tile < last; ++tile, image.advance(t)) {
      const Index at = (((t.n * out_blocks + block) * s.out_h + t.row * M) * s.out_w + t.column * M) * C;
      const int points_h = kEdged ? image.rows.points(t.row) : E,
                points_w = kEdged ? image.columns.points(t.column) : E;
      const int high = image.rows.pixels(t.row), wide = image.columns.pixels(t.column);
      float* y = static_cast<float*>(args.y) + at;
      const float* residual = args.residual ? static_cast<const float*>(args.residual) + at : nullptr;
      unroll<M>([&](auto i) {  // the fourth tile from here: no hardware sees such short rows coming
        unroll<M>([&](auto j) { __builtin_prefetch(y + (i * s.out_w + j + 4 * M) * C, 1); });
      });
      Index offset[2][E];  // of the columns of places; what lies at those left out is loaded, too, but not used
      unroll<kEdged ? E : 0>([&](auto j) {
        unroll<2>([&](auto i) { offset[i][j] = j * product_pitch() + t.number[i][image.columns.drops(j)] * C; });
      });
      Vec<A> half[E][M];
      for (int i = 0; i < E; ++i) {
        if (!image.used(i, points_h)) {
          unroll<M>([&](auto j) { half[i][j] = Vec<A>(0.0f); });
          continue;
        }
        const float* row = from + i * E * product_pitch() + (kEdged ? 0 : t.number[0][0] * C);
        const Index* column = offset[image.rows.drops(i)];
        Row m;
        unroll<E>([&](auto j) { m[j] = load<A>(row + (kEdged ? column[j] : j * product_pitch())); });
        winograd_output(m, half[i], points_w);
      }
      for (int j = 0; j < wide; ++j) {
        Row m;
        unroll<E>([&](auto i) { m[i] = half[i][j]; });
        Vec<A> out[M];
        winograd_output(m, out, points_h);
        unroll<M>([&](auto i) {
          if (i >= high) return;
          Vec<A> sum = out[i] + bias;
          if (residual) sum += load<A>(residual + (i * s.out_w + j) * C);
          store<A>(y + (i * s.out_w + j) * C, clamped<A>(sum, lo, hi));
        });
      }
    }
  }

  void run(const ConvArgs& args, Index first, Index last) const {
    if (image.edged()) {
      run_chunks<true>(args, first, last);
    } else {
      run_chunks<false>(args, first, last);
    }
  }
  template <bool kEdged>
  void run_chunks(const ConvArgs& args, Index first, Index last) const {
    float* in = static_cast<float*>(args.scratch);
    float* products = in + in_floats();
    float* stage = products + product_floats();
    if constexpr (kPlain) {  // the lanes of no channel
      for (Index i = 0; i < planes * E * stage_columns() * C; i += C) store<A>(stage + i, Vec<A>(0.0f));
    }
    for (Index unit = first; unit < last;) {
      const Index start = unit / groups * chunk, end = smaller(start + chunk, s.batch * image.tiles());
      if constexpr (kPlain) {
        transform_plain<kEdged>(static_cast<const float*>(args.x), in, stage, start, end);
      } else {
        transform_input<kEdged>(static_cast<const float*>(args.x), in, start, end);
      }
      PixelTile behind = image.tile(start);
      for (Index tile = start; tile < end; ++tile) image.advance(behind);
      if constexpr (Paired) scale_input(in, behind);
      for (const Index next = (unit / groups + 1) * groups; unit < last && unit < next; ++unit) {
        const Index begin = unit % groups * group, t_end = smaller(begin + group, tiles.count);
        multiply(in, static_cast<const float*>(args.packed), products, begin, t_end, behind);
        for (Index t = begin; t < t_end; ++t) {
          for (Index v = 0; v < tiles.size(t); ++v) {
            const float* from = products + (t - begin) * kPlaces * product_pitch() + v * chunk * C;
            transform_output<kEdged>(from, args, tiles.first(t) + v, start, end);
          }
        }
      }
    }
  }
};

}  // namespace
}  // namespace minnow::kernels
