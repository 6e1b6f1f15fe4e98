#pragma once

#include <minnow/kernels/conv_tile.inl.h>
#include <minnow/kernels/conv_window.inl.h>
#include <minnow/kernels/lanes.inl.h>
#include <minnow/kernels/winograd_tiles.inl.h>

namespace minnow::kernels {
namespace {

/// 3x3 convolution in groups by Winograd's minimal filtering, in tiles of 4x4 pixels. A bundle is what can be computed
/// by itself: a block of channels that holds whole groups, or a group that fills whole blocks. Its few channels leave
/// so little to multiply that nothing but weights may come from the L2 cache: a strip of neighbouring tiles is
/// transformed along its columns; then each row of places is transformed along the row, multiplied and transformed back
/// in registers, a few tiles at a time; at last the columns are. A unit is one row of tiles of one bundle.
template <class A>
struct GroupedWinogradConv {
  static constexpr int C = kWidth<A>, E = 6, T = 3, M = E - T + 1;
  /// Most tiles of a strip. The L1 cache holds so many of a block and of its products; of wide groups it does not, but
  /// shorter strips would reread the weights more often.
  static constexpr Index kStripTiles = 128 / C;
  static constexpr int kLaneTiles = kRegisters<A> == 32 ? 2 : 1;       // that are multiplied at a time, of a block
  static constexpr int kBroadcastTiles = kRegisters<A> == 32 ? 4 : 2;  // the same of a group of whole blocks
  using Tiles = WinogradTiles<E, T>;
  using Row = Vec<A>[E];

  const ConvShape& s;
  Index group;      // input channels a group
  bool narrow;      // several groups are a block
  Index ins, outs;  // blocks of channels a bundle
  Index bundles;
  typename Tiles::Side rows, columns;  // of tiles
  Index strip;                         // tiles a strip
  Index pitch;                         // floats a row of a strip

  [[gnu::noinline]] explicit GroupedWinogradConv(const ConvShape& shape)
      : s(shape),
        group(s.in_channels / s.groups),
        narrow(group < C),
        ins(narrow ? 1 : group / C),
        outs(narrow ? 1 : s.out_channels / s.groups / C),
        bundles(narrow ? ceil_div(s.out_channels, C) : s.groups),
        rows(s.out_h),
        columns(s.out_w) {
    const Index strips = ceil_div(columns.tiles, kStripTiles);
    strip = round_up(ceil_div(columns.tiles, strips), tiles_at_once());
    pitch = (strip * M + T - 1) * C;
  }

  static bool applies(const ConvShape& s) {
    const Index in = s.in_channels / s.groups, out = s.out_channels / s.groups;
    const bool is_narrow = in == out && in > 1 && in < C && C % in == 0, is_wide = in % C == 0 && out % C == 0;
    return s.kernel_h == T && s.kernel_w == T && s.stride_h == 1 && s.stride_w == 1 && s.dilation_h == 1 &&
           s.dilation_w == 1 && s.groups > 1 && (is_narrow || is_wide);
  }

  Index block_weights() const { return E * E * group * C; }
  Index packed_floats() const { return bundles * outs * block_weights(); }
  /// A row of zeros; a strip transformed along its columns, [ins][E] rows; its products, [outs][E] rows; and what
  /// broadcasts read.
  Index scratch_bytes() const {
    const Index floats = (1 + (ins + outs) * E) * pitch + (narrow ? 0 : ins * kBroadcastTiles * E * C);
    return floats * static_cast<Index>(sizeof(float));
  }
  Index pack_units() const { return bundles * outs; }
  Index units() const { return s.batch * bundles * rows.tiles; }

  /// [out_blocks][rows of places][channels of the group][columns of places][C]
  void pack(const ConvWeights& weight, float* packed, Index first, Index last) const {
    for (Index block = first; block < last; ++block) {
      for (Index c = 0; c < group; ++c) {
        float lanes[T][T][C];
        const auto in = [&](Index lane) { return narrow ? (lane ^ c) % group : c; };
        gather_windows<A>(weight, s.out_channels, group, block * C, in, lanes);
        float* to = packed + block * block_weights() + c * E * C;
        transform_windows<A, E>(lanes, [&](Index i, Index j, Vec<A> v) { store<A>(to + (i * group * E + j) * C, v); });
      }
    }
  }

  /// Transforms `count` columns from `column` on of the rows that a tile with P points at `row` reads: [E][pitch].
  template <int P>
  void transform_columns(const float* plane, const float* zeros, float* to, Index row, Index column,
                         Index count) const {
    const float* from[E];
    unroll<E>([&](auto i) {
      const bool inside = row + i >= 0 && row + i < s.in_h;
      from[i] = inside ? plane + ((row + i) * s.in_w + column) * C : zeros;
    });
    const Index begin = smaller(larger(-column, 0), count), end = larger(smaller(s.in_w - column, count), begin);
    const auto zero = [&](Index first, Index last) {
      for (Index i = 0; i < E; ++i) zero_floats(to + i * pitch + first * C, (last - first) * C);
    };
    zero(0, begin);
    for (Index j = begin; j < end; ++j) {
      Row d, t;
      unroll<E>([&](auto i) { d[i] = load_once<A>(from[i] + j * C); });
      if constexpr (P == E) {
        Winograd<E>::input(d, t);
      } else {
        WinogradEdge<E, P>::input(d, t);
      }
      unroll<E>([&](auto i) {
        if (Tiles::used(i, P)) store<A>(to + i * pitch + j * C, t[i]);
      });
    }
    zero(end, count);
  }

  /// The next bundle's weights, which come from memory while a bundle is computed: a few at a time.
  struct Ahead {
    const float* next;
    Index step;  // floats
    MINNOW_INLINE void fetch() {
      for (Index at = 0; at < step; at += kLine) __builtin_prefetch(next + at, 0, 2);
      next += step;
    }
  };

  /// The pixels of N tiles at a row of places, transformed along the row.
  template <int N>
  MINNOW_INLINE static void transform_row(const float* from, Row (&v)[N]) {
    unroll<N>([&](auto n) {
      Row d;
      unroll<E>([&](auto j) { d[j] = load_once<A>(from + (n * M + j) * C); });
      Winograd<E>::input(d, v[n]);
    });
  }
  /// And their products, transformed back.
  template <int N>
  MINNOW_INLINE static void transform_products(const Row (&products)[N], float* to) {
    unroll<N>([&](auto n) {
      Vec<A> y[M];
      Winograd<E>::output(products[n], y);
      unroll<M>([&](auto j) { store<A>(to + (n * M + j) * C, y[j]); });
    });
  }

  /// N tiles at a row of places, of a block of narrow groups: lane l holds channel (l xor c) of its group for the c-th
  /// term.
  template <int N>
  void multiply_lanes(const float* from, const float* w, float* to, Ahead& ahead) const {
    Row v[N], sums[N];
    transform_row<N>(from, v);
    unroll<E>([&](auto j) {
      const Vec<A> weight = load_once<A>(w + j * C);
      unroll<N>([&](auto n) { sums[n][j] = v[n][j] * weight; });
    });
    ahead.fetch();
    for (Index c = 1; c < group; ++c) {
      w += E * C;
      const XorLanes<A> other(c);
      unroll<E>([&](auto j) MINNOW_INLINED {
        const Vec<A> weight = load_once<A>(w + j * C);
        unroll<N>([&](auto n) MINNOW_INLINED { add_product<A>(sums[n][j], other(v[n][j]), weight); });
      });
    }
    transform_products<N>(sums, to);
  }

  /// N tiles at a row of places, of a group of whole blocks, each of which lies E rows behind the one before it. Their
  /// transformed pixels are staged, to be broadcast: [ins][N][E][C].
  template <int N>
  void multiply_broadcasts(const float* from, const float* w, float* to, float* staged, Ahead& ahead) const {
    for (Index b = 0; b < ins; ++b) {
      Row v[N];
      transform_row<N>(from + b * E * pitch, v);
      unroll<N>([&](auto n) { unroll<E>([&](auto j) { store<A>(staged + ((b * N + n) * E + j) * C, v[n][j]); }); });
    }
    for (Index o = 0; o < outs; ++o, w += block_weights()) {
      Row sums[N];
      unroll<N>([&](auto n) { unroll<E>([&](auto j) { sums[n][j] = Vec<A>(0.0f); }); });
      const float* weights = w;
      for (Index b = 0; b < ins; ++b) {
        const float* pixels = staged + b * N * E * C;
        for (Index c = 0; c < C; ++c, weights += E * C) {
          ahead.fetch();
          unroll<E>([&](auto j) MINNOW_INLINED {
            const Vec<A> weight = load_once<A>(weights + j * C);
            unroll<N>([&](auto n)
                          MINNOW_INLINED { add_product<A>(sums[n][j], Vec<A>(pixels[(n * E + j) * C + c]), weight); });
          });
        }
      }
      transform_products<N>(sums, to + o * E * pitch);
    }
  }

  Index tiles_at_once() const { return narrow ? kLaneTiles : kBroadcastTiles; }
  /// Multiplies `count` tiles at a row of places.
  void multiply(const float* from, const float* w, float* to, float* staged, Index count, Ahead& ahead) const {
    constexpr int most = larger(kLaneTiles, kBroadcastTiles);
    while (count > 0) {
      const Index n = smaller(count, tiles_at_once());
      unroll<most>([&](auto i) {
        constexpr int N = i + 1;
        if (n != N) return;
        if constexpr (N <= kLaneTiles) {
          if (narrow) return multiply_lanes<N>(from, w, to, ahead);
        }
        multiply_broadcasts<N>(from, w, to, staged, ahead);
      });
      from += n * M * C;
      to += n * M * C;
      count -= n;
    }
  }

  /// Transforms the products of `count` pixels of tiles with P points into the rows of the output at `at`.
  template <int P>
  void transform_output(const float* from, const ConvArgs& args, const float* bias_of, Index at, Index count) const {
    constexpr int high = P - T + 1;
    const Vec<A> bias = bias_of ? load<A>(bias_of) : Vec<A>(0.0f), lo(args.lo), hi(args.hi);
    float* y = static_cast<float*>(args.y) + at;
    const float* residual = args.residual ? static_cast<const float*>(args.residual) + at : nullptr;
    for (Index j = 0; j < count; ++j) {
      Row m;
      Vec<A> out[M];
      unroll<E>([&](auto i) { m[i] = Tiles::used(i, P) ? load<A>(from + i * pitch + j * C) : Vec<A>(0.0f); });
      if constexpr (P == E) {
        Winograd<E>::output(m, out);
      } else {
        WinogradEdge<E, P>::output(m, out);
      }
      unroll<high>([&](auto i) {
        const Index to = (i * s.out_w + j) * C;
        Vec<A> sum = out[i] + bias;
        if (residual) sum += load<A>(residual + to);
        store<A>(y + to, clamped<A>(sum, lo, hi));
      });
    }
  }

  void run(const ConvArgs& args, Index first, Index last) const {
    float* zeros = static_cast<float*>(args.scratch);
    float *in = zeros + pitch, *products = in + ins * E * pitch, *staged = products + outs * E * pitch;
    zero_floats(zeros, pitch);
    const Index bundle_weights = outs * block_weights();
    const Index places = (rows.tiles - 1) * E + rows.last_pixels + T - 1;  // rows of them
    const Index fetches = places * ceil_div(columns.tiles, tiles_at_once()) * (narrow ? 1 : outs * group);
    Ahead ahead{};
    for (Index unit = first; unit < last; ++unit) {
      const Index row = unit % rows.tiles, bundle = unit / rows.tiles % bundles;
      if (row == 0 || unit == first) {
        const Index next = (bundle + 1) % bundles;
        ahead = {static_cast<const float*>(args.packed) + next * bundle_weights, ceil_div(bundle_weights, fetches)};
      }
      with_points<E, T>(row + 1 < rows.tiles ? E : rows.last_pixels + T - 1,
                        [&](auto p) { run_row<p>(args, unit / rows.tiles, row, zeros, in, products, staged, ahead); });
    }
  }
  /// A row of tiles with P points, of a bundle of an image.
  template <int P>
  void run_row(const ConvArgs& args, Index bundle, Index row, const float* zeros, float* in, float* products,
               float* staged, Ahead& ahead) const {
    const float* x = static_cast<const float*>(args.x) + bundle * ins * s.in_h * s.in_w * C;
    const Index out_block = bundle % bundles * outs;
    const float* weights = static_cast<const float*>(args.packed) + out_block * block_weights();
    for (Index tile = 0; tile < columns.tiles; tile += strip) {
      const Index count = smaller(strip, columns.tiles - tile), column = tile * M;
      for (Index b = 0; b < ins; ++b) {
        transform_columns<P>(x + b * s.in_h * s.in_w * C, zeros, in + b * E * pitch, row * M - s.pad_top,
                             column - s.pad_left, count * M + T - 1);
      }
      for (Index i = 0; i < E; ++i) {
        if (!Tiles::used(i, P)) continue;
        multiply(in + i * pitch, weights + i * group * E * C, products + i * pitch, staged, count, ahead);
      }
      for (Index o = 0; o < outs; ++o) {
        const float* bias = args.bias ? args.bias + (out_block + o) * C : nullptr;
        const Index at = (((bundle * outs + o) * s.out_h + row * M) * s.out_w + column) * C;
        transform_output<P>(products + o * E * pitch, args, bias, at, smaller(count * M, s.out_w - column));
      }
    }
  }
};

}  // namespace
}  // namespace minnow::kernels
