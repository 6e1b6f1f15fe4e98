#pragma once

#include <minnow/kernels/conv_tile.inl.h>
#include <minnow/kernels/conv_window.inl.h>
#include <minnow/kernels/lanes.inl.h>

namespace minnow::kernels {
namespace {

/// A tile of a row of the output, whose windows reach `left` columns before the input's first and `right` columns
/// behind its last; both are less than the window's columns.
struct NarrowTile : ConvTile {
  Index left = 0, right = 0;
  Index group = 1;     // channels
  Index x_row, y_row;  // floats from one tile to the one below it
};

/// The micro-kernel of depthwise convolution with windows of K columns, S apart, for `count` tiles below each other:
/// each pixel of a row is loaded once and goes to every sum that it belongs to. A plane is a row of the window. In
/// groups, it is loaded once for each channel of the group: for the i-th one, lane l holds channel (l xor i).
template <class A, bool Grouped, int K, int S, int P, bool Edged>
void narrow_tiles(const NarrowTile& first, Index count) {
  constexpr int C = kWidth<A>, columns = (P - 1) * S + K, lines = (columns * C + kLine - 1) / kLine;
  NarrowTile t = first;
  if (!t.bias) t.bias = kZeros<A, 1>;
  t.addend = nullptr;
  t.is_output = true;
  const Index ahead = S > 1 && core() == Core::other ? 0 : S;  // rows to prefetch: Intel's L1 fills sooner without
  for (; count > 0; --count) {
    Vec<A> acc[P][1];
    start_tile<A, P, 1>(t, acc);
    const float* below = t.x + t.planes * t.plane_stride;  // what the next tile reads first
    for (Index row = 0; row < ahead; ++row, below += t.plane_stride) {
      unroll<lines>([&](int line) MINNOW_INLINED { __builtin_prefetch(below + line * kLine); });
    }
    const float* w = t.w;
    const float* x = t.x;
    for (Index row = 0; row < t.planes; ++row, x += t.plane_stride) {
      for (Index i = 0; i < (Grouped ? t.group : 1); ++i, w += K * C) {
        Index left = t.left, right = t.right;
        if constexpr (Edged) asm("" : "+r"(left), "+r"(right));  // or g++ makes a loop for each
        const XorLanes<A> other(i);
        Vec<A> weight[K];
        unroll<K>([&](int k) MINNOW_INLINED { weight[k] = load<A>(w + k * C); });
        unroll<columns>([&](auto column) {
          const float* from = x + column * C;
          if (Edged && column < K - 1 && column < left) from = kZeros<A, 1>;
          if (Edged && column > columns - K && column >= columns - right) from = kZeros<A, 1>;
          const Vec<A> pixel = Grouped ? other(load<A>(from)) : load_once<A>(from);
          unroll<(K + S - 1) / S>([&](auto back) {
            constexpr int to = column / S - back, k = column - to * S;
            if constexpr (to >= 0 && to < P && k < K) add_product<A>(acc[to][0], pixel, weight[k]);
          });
        });
      }
    }
    store_tile<A, P, 1>(t, acc);
    t.x += t.x_row;
    t.y += t.y_row;
    if (t.residual) t.residual += t.y_row;
  }
}

/// So many sums that the weights of a row fit beside them.
template <class A, int K>
constexpr int kNarrowPixels = kRegisters<A> == 32 ? 14
                              : K == 3            ? 8
                                                  : 6;

/// The pixels of the widest tile for n neighbours. Depthwise windows of 3 columns are common, others have fewer tiles
/// to choose from, groups the fewest.
template <class A, bool Grouped, int K>
constexpr int tile_pixels(int n) {
  if ((!Grouped && K == 3) || n == kNarrowPixels<A, K>) return n;
  return n >= 7 ? 7 : n >= 4 && !Grouped ? 4 : n >= 2 ? 2 : 1;
}

/// The micro-kernels for 1 to `most` neighbouring pixels, at [pixels - 1].
struct NarrowFunctions {
  struct Function {
    int pixels = 0;  // that it computes, of those there are
    void (*at_edges)(const NarrowTile& first, Index count) = nullptr;
    void (*inside)(const NarrowTile& first, Index count) = nullptr;  // where windows lie within the input
  };
  int most = 0;
  Function of_pixels[14] = {};
};

template <class A, bool Grouped, int K, int S>
constexpr NarrowFunctions kNarrowTiles = [] {
  NarrowFunctions f{.most = kNarrowPixels<A, K>};
  unroll<kNarrowPixels<A, K>>([&](auto p) {
    constexpr int pixels = tile_pixels<A, Grouped, K>(p + 1);
    constexpr bool common = !Grouped && pixels == kNarrowPixels<A, K>;  // others are few, and may look for edges
    f.of_pixels[p] = {pixels, narrow_tiles<A, Grouped, K, S, pixels, true>,
                      narrow_tiles<A, Grouped, K, S, pixels, !common>};
  });
  return f;
}();

/// Convolution in groups of one channel (depthwise), or of two, four, ... but less than a vector, as many outputs as
/// inputs. A unit is some rows of one block of channels; threads share the rows of large maps, as they do in other
/// layers.
template <class A, bool Grouped>
struct NarrowConv {
  static constexpr int C = kWidth<A>;
  static constexpr Index kUnitFloats = 32 * 1024;  // that a unit reads

  const ConvShape& s;
  Index group;          // channels
  Index blocks;         // of channels
  Index block_weights;  // floats of packed weights a block
  Index rows, parts;    // rows a unit, units a block
  Index pitch;          // floats a row of the input

  [[gnu::noinline]] explicit NarrowConv(const ConvShape& shape)
      : s(shape),
        group(s.in_channels / s.groups),
        blocks(ceil_div(s.in_channels, C)),
        block_weights(s.kernel_h * group * s.kernel_w * C),
        pitch(s.in_w * C) {
    const Index reach = (s.out_w - 1) * s.stride_w + s.kernel_w;
    const Index fit = (kUnitFloats / (reach * C) - s.kernel_h) / s.stride_h + 1;
    parts = ceil_div(s.out_h, fit < 1 ? 1 : fit);
    rows = ceil_div(s.out_h, parts);
    parts = ceil_div(s.out_h, rows);
  }

  static bool applies(const ConvShape& s) {
    const Index group = s.in_channels / s.groups, right = right_of(s);
    return s.in_channels == s.out_channels && (Grouped ? group > 1 && group < C && C % group == 0 : group == 1) &&
           s.dilation_h == 1 && s.dilation_w == 1 && tiles_of(s) != nullptr && s.pad_left < s.kernel_w &&
           right < s.kernel_w;
  }
  /// How far the last window of a row reaches behind it.
  static Index right_of(const ConvShape& s) { return (s.out_w - 1) * s.stride_w + s.kernel_w - s.pad_left - s.in_w; }

  static const NarrowFunctions* tiles_of(const ConvShape& s) {
    if (s.stride_w > 2) return nullptr;
    const bool dense = s.stride_w == 1;
    if (s.kernel_w == 3) return dense ? &kNarrowTiles<A, Grouped, 3, 1> : &kNarrowTiles<A, Grouped, 3, 2>;
    if (s.kernel_w == 5) return dense ? &kNarrowTiles<A, Grouped, 5, 1> : &kNarrowTiles<A, Grouped, 5, 2>;
    if (s.kernel_w == 7) return dense ? &kNarrowTiles<A, Grouped, 7, 1> : &kNarrowTiles<A, Grouped, 7, 2>;
    return nullptr;
  }

  Index packed_floats() const { return blocks * block_weights; }
  Index scratch_bytes() const { return 0; }
  Index pack_units() const { return blocks; }
  Index units() const { return s.batch * blocks * parts; }
  bool by_rows() const { return true; }

  /// [blocks][rows of the window][channels of the group][columns of the window][C]
  void pack(const ConvWeights& weight, float* packed, Index first, Index last) const {
    const Index taps = s.kernel_h * s.kernel_w;
    float* to = packed + first * block_weights;
    for (Index b = first; b < last; ++b) {
      for (Index h = 0; h < s.kernel_h; ++h) {
        for (Index i = 0; i < group; ++i) {
          for (Index w = 0; w < s.kernel_w; ++w) {
            for (Index lane = 0; lane < C; ++lane, ++to) {
              const Index channel = b * C + lane, from = channel * group + (lane ^ i) % group;
              const bool used = channel < s.out_channels;
              *to = used ? weight.values[from * taps + h * s.kernel_w + w] * weight.factor(channel) : 0.0f;
            }
          }
        }
      }
    }
  }

  void run(const ConvArgs& args, Index first, Index last) const {
    const ConvRows all{.x_rows = s.in_h, .y_rows = s.out_h};
    for (Index unit = first; unit < last; ++unit) {
      const Index block = unit % blocks, image = unit / (blocks * parts), begin = unit / blocks % parts * rows;
      run_block(args, all, image * blocks + block, block, begin, smaller(begin + rows, s.out_h));
    }
  }
  void run_rows(const ConvArgs& args, const ConvRows& held) const {
    for (Index block = 0; block < blocks; ++block) run_block(args, held, block, block, held.first, held.last);
  }

  /// Rows [begin, end) of one block of channels, the plane-th of x and of y.
  void run_block(const ConvArgs& args, const ConvRows& held, Index plane, Index block, Index begin, Index end) const {
    const NarrowFunctions& functions = *tiles_of(s);
    const float* x = static_cast<const float*>(args.x) + (plane * held.x_rows - held.x_top) * pitch;
    const float* weights = static_cast<const float*>(args.packed) + block * block_weights;
    NarrowTile tile{};
    tile.plane_stride = pitch;
    tile.x_row = s.stride_h * pitch;
    tile.y_row = s.out_w * C;
    tile.group = group;
    tile.lo = args.lo;
    tile.hi = args.hi;
    tile.bias = args.bias ? args.bias + block * C : nullptr;
    for (Index row = begin; row < end;) {
      const Index top = row * s.stride_h - s.pad_top;
      const Index above = top > 0 ? 0 : smaller(-top, s.kernel_h);  // rows of the window, outside
      const Index below = smaller(s.kernel_h, s.in_h - top);
      const bool inside = above == 0 && below == s.kernel_h;  // as in rows that follow, with the same weights
      const Index count = inside ? smaller(end - row, (s.in_h - s.kernel_h - top) / s.stride_h + 1) : 1;
      tile.x = x + (top + above) * pitch;
      tile.w = weights + above * group * s.kernel_w * C;
      tile.planes = below > above ? below - above : 0;
      const Index at = (plane * held.y_rows + row - held.y_top) * s.out_w * C;
      tile.y = static_cast<float*>(args.y) + at;
      tile.residual = args.residual ? static_cast<const float*>(args.residual) + at : nullptr;
      run_tiles(functions, tile, count);
      row += count;
    }
  }

  /// The tiles of `count` rows. Of all widths (depthwise windows of 3 columns) the last two are about equal; of a few,
  /// each tile is the widest that fits.
  void run_tiles(const NarrowFunctions& f, NarrowTile& tile, Index count) const {
    tile.x -= s.pad_left * C;
    for (Index j = 0; j < s.out_w;) {
      const auto& [p, at_edges, inside] = f.of_pixels[next_tile_pixels(s.out_w - j, f.most) - 1];
      const Index column = j * s.stride_w - s.pad_left, behind = column + (p - 1) * s.stride_w + s.kernel_w - s.in_w;
      tile.left = column < 0 ? -column : 0;
      tile.right = behind > 0 ? behind : 0;
      (tile.left > 0 || tile.right > 0 ? at_edges : inside)(tile, count);
      tile.x += p * s.stride_w * C;
      tile.y += p * C;
      if (tile.residual) tile.residual += p * C;
      j += p;
    }
  }
};

}  // namespace
}  // namespace minnow::kernels
