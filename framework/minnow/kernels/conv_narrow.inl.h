#pragma once

#include <minnow/kernels/conv_tile.inl.h>
#include <minnow/kernels/conv_window.inl.h>

namespace minnow::kernels {
namespace {

/// The micro-kernel of depthwise convolution with windows of K columns, S apart: each pixel of a row is loaded once and
/// goes to every sum that it belongs to. The planes are the rows of the window.
template <class A, int K, int S, int P>
void depthwise_tile(const ConvTile& t) {
  constexpr int C = kWidth<A>;
  Vec<A> acc[P][1];
  start_tile<A, P, 1>(t, acc);
  const float* w = t.w;
  const float* x = t.x;
  for (Index row = 0; row < t.planes; ++row, x += t.plane_stride, w += K * C) {
    Vec<A> weight[K];
    unroll<K>([&](auto k) { weight[k] = load<A>(w + k * C); });
    unroll<(P - 1) * S + K>([&](auto i) {
      const Vec<A> pixel = load<A>(x + i * C);
      unroll<K>([&](auto k) {
        constexpr int from = i - k;
        if constexpr (from >= 0 && from % S == 0 && from / S < P) {
          acc[from / S][0] = fma<A>(pixel, weight[k], acc[from / S][0]);
        }
      });
    });
  }
  store_tile<A, P, 1>(t, acc);
}

/// The same for narrow groups of `tail` channels, which share a vector: each lane meets the channels of its group in
/// turn, as lane (own xor i). The weights of a row are [channels of a group][K][C].
template <class A, int K, int S, int P>
void grouped_tile(const ConvTile& t) {
  constexpr int C = kWidth<A>;
  Vec<A> acc[P][1];
  start_tile<A, P, 1>(t, acc);
  const float* w = t.w;
  const float* x = t.x;
  for (Index row = 0; row < t.planes; ++row, x += t.plane_stride) {
    for (Index i = 0; i < t.tail; ++i, w += K * C) {
      const XorLanes<A> other(i);
      Vec<A> weight[K];
      unroll<K>([&](auto k) { weight[k] = load<A>(w + k * C); });
      unroll<(P - 1) * S + K>([&](auto column) {
        const Vec<A> pixel = other(load<A>(x + column * C));
        unroll<K>([&](auto k) {
          constexpr int from = column - k;
          if constexpr (from >= 0 && from % S == 0 && from / S < P) {
            acc[from / S][0] = fma<A>(pixel, weight[k], acc[from / S][0]);
          }
        });
      });
    }
  }
  store_tile<A, P, 1>(t, acc);
}

/// So many sums that the weights of a row fit beside them.
template <class A, int K>
constexpr int kNarrowPixels = kRegisters<A> == 32 ? 14
                              : K == 3            ? 8
                                                  : 6;

template <class A, int K, int S, bool Grouped>
constexpr TileFunctions kNarrowTiles = [] {
  TileFunctions f;
  f.most = kNarrowPixels<A, K>;
  unroll<kNarrowPixels<A, K>>([&](auto p) {
    if constexpr (Grouped) {
      f.of_pixels[p] = grouped_tile<A, K, S, p + 1>;
    } else {
      f.of_pixels[p] = depthwise_tile<A, K, S, p + 1>;
    }
  });
  return f;
}();

/// Convolution in groups of one channel (depthwise), or of two, four, ... that share a vector, with as many outputs as
/// inputs, in place. A unit is some rows of one block of channels.
template <class A, bool Grouped>
struct NarrowConv {
  static constexpr int C = kWidth<A>;
  static constexpr Index kUnitPixels = 1024;

  const ConvShape& s;
  Index group;   // channels
  Index blocks;  // of channels
  Index taps;
  Index parts, rows;  // units a block, rows a unit
  Index begin, end;   // of the columns whose windows lie inside the input

  explicit NarrowConv(const ConvShape& shape)
      : s(shape), group(s.in_channels / s.groups), blocks(ceil_div(s.in_channels, C)), taps(s.kernel_h * s.kernel_w) {
    parts = ceil_div(s.out_h * s.out_w, kUnitPixels);
    rows = ceil_div(s.out_h, parts);
    parts = ceil_div(s.out_h, rows);
    begin = ceil_div(s.pad_left, s.stride_w);
    begin = begin < s.out_w ? begin : s.out_w;
    const Index last = s.in_w - s.kernel_w + s.pad_left;
    end = last < 0 ? 0 : last / s.stride_w + 1;
    end = end < begin ? begin : end < s.out_w ? end : s.out_w;
  }

  static bool applies(const ConvShape& s) {
    const Index group = s.in_channels / s.groups;
    return s.in_channels == s.out_channels && (Grouped ? group > 1 && C % group == 0 : group == 1) &&
           s.dilation_h == 1 && s.dilation_w == 1 && tiles_of(s) != nullptr;
  }

  static const TileFunctions* tiles_of(const ConvShape& s) {
    if (s.stride_w > 2) return nullptr;
    const bool dense = s.stride_w == 1;
    if (s.kernel_w == 3) return dense ? &kNarrowTiles<A, 3, 1, Grouped> : &kNarrowTiles<A, 3, 2, Grouped>;
    if constexpr (!Grouped) {
      if (s.kernel_w == 5) return dense ? &kNarrowTiles<A, 5, 1, false> : &kNarrowTiles<A, 5, 2, false>;
      if (s.kernel_w == 7) return dense ? &kNarrowTiles<A, 7, 1, false> : &kNarrowTiles<A, 7, 2, false>;
    }
    return nullptr;
  }

  Index packed_floats() const { return blocks * taps * group * C; }
  Index scratch_bytes() const { return 0; }
  Index pack_units() const { return blocks; }
  Index units() const { return s.batch * blocks * parts; }

  /// [blocks][rows of the window][channels of a group][columns of the window][C]
  void pack(const float* weight, float* packed, Index first, Index last) const {
    float* to = packed + first * taps * group * C;
    for (Index b = first; b < last; ++b) {
      for (Index h = 0; h < s.kernel_h; ++h) {
        for (Index i = 0; i < group; ++i) {
          for (Index w = 0; w < s.kernel_w; ++w) {
            for (Index lane = 0; lane < C; ++lane, ++to) {
              const Index channel = b * C + lane, from = channel * group + (lane ^ i) % group;
              *to = channel < s.out_channels ? weight[from * taps + h * s.kernel_w + w] : 0.0f;
            }
          }
        }
      }
    }
  }

  /// One pixel whose window reaches over the left or the right edge. `t.x` is the input's column 0.
  void edge(const ConvTile& t, Index column) const {
    const Index start = column * s.stride_w - s.pad_left;
    const Index first = start < 0 ? -start : 0;
    const Index last = s.in_w - start < s.kernel_w ? s.in_w - start : s.kernel_w;
    Vec<A> acc[1][1];
    start_tile<A, 1, 1>(t, acc);
    const float* w = t.w;
    for (Index a = 0; a < t.planes; ++a) {
      const float* x = t.x + a * t.plane_stride + start * C;
      for (Index i = 0; i < group; ++i, w += s.kernel_w * C) {
        const XorLanes<A> other(i);
        for (Index k = first; k < last; ++k) {
          acc[0][0] = fma<A>(other(load<A>(x + k * C)), load<A>(w + k * C), acc[0][0]);
        }
      }
    }
    store_tile<A, 1, 1>(t, acc);
  }

  void row(const TileFunctions& tiles, const float* plane, ConvTile t, Index r) const {
    const Index top = r * s.stride_h - s.pad_top;
    const Index first = top < 0 ? (-top < s.kernel_h ? -top : s.kernel_h) : 0;
    Index last = s.in_h - top < s.kernel_h ? s.in_h - top : s.kernel_h;
    if (last < first) last = first;
    t.planes = last - first;
    t.w += first * group * s.kernel_w * C;
    t.x = plane + (top + first) * s.in_w * C;
    const auto at = [&](Index column) {
      ConvTile moved = t;
      moved.y += column * C;
      if (moved.residual) moved.residual += column * C;
      return moved;
    };
    for (Index j = 0; j < begin; ++j) edge(at(j), j);
    ConvTile inner = at(begin);
    inner.x += (begin * s.stride_w - s.pad_left) * C;
    run_tiles<A>(tiles, inner, 1, end - begin, s.stride_w * C, 0);
    for (Index j = end; j < s.out_w; ++j) edge(at(j), j);
  }

  void run(const ConvArgs& args, Index first, Index last) const {
    const TileFunctions& tiles = *tiles_of(s);
    ConvTile tile{};
    tile.plane_stride = s.in_w * C;
    tile.tail = group;
    tile.lo = args.lo;
    tile.hi = args.hi;
    for (Index unit = first; unit < last; ++unit) {
      const Index image = unit / parts, block = image % blocks;  // image: of one block of channels
      const Index from = unit % parts * rows, to = from + rows < s.out_h ? from + rows : s.out_h;
      const float* plane = static_cast<const float*>(args.x) + image * s.in_h * s.in_w * C;
      tile.w = static_cast<const float*>(args.packed) + block * taps * group * C;
      tile.bias = args.bias ? args.bias + block * C : nullptr;
      for (Index r = from; r < to; ++r) {
        const Index at = (image * s.out_h + r) * s.out_w * C;
        tile.y = static_cast<float*>(args.y) + at;
        tile.residual = args.residual ? static_cast<const float*>(args.residual) + at : nullptr;
        row(tiles, plane, tile, r);
      }
    }
  }
};

}  // namespace
}  // namespace minnow::kernels
