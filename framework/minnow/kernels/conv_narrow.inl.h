#pragma once

#include <minnow/kernels/conv_tile.inl.h>
#include <minnow/kernels/conv_window.inl.h>

namespace minnow::kernels {
namespace {

/// The micro-kernel of depthwise convolution with windows of K columns, S apart: each pixel of a row is loaded once and
/// goes to every sum that it belongs to. A plane is a row of the window.
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

/// So many sums that the weights of a row fit beside them.
template <class A, int K>
constexpr int kNarrowPixels = kRegisters<A> == 32 ? 14
                              : K == 3            ? 8
                                                  : 6;

template <class A, int K, int S>
constexpr TileFunctions kNarrowTiles = [] {
  TileFunctions f;
  f.most = kNarrowPixels<A, K>;
  unroll<kNarrowPixels<A, K>>([&](auto p) { f.of_pixels[p] = depthwise_tile<A, K, S, p + 1>; });
  return f;
}();

/// Convolution in groups of one channel (depthwise), or of two, four, ... that share a vector, with as many outputs as
/// inputs. Each lane meets the channels of its group in turn, in planes of their own: in the i-th, lane (own xor i). A
/// unit is some rows of one block of channels; what they read is staged, unless it is one channel without padding.
template <class A, bool Grouped>
struct NarrowConv {
  static constexpr int C = kWidth<A>;
  static constexpr Index kStageFloats = 32 * 1024;

  const ConvShape& s;
  Index group;                 // channels
  Index blocks;                // of channels
  Index block_weights;         // floats of packed weights a block
  Index reach_w;               // columns that a row reads
  Index rows, parts, reach_h;  // rows a unit, units a block, rows that a unit reads
  bool staged;
  Index pitch;  // floats a row of a plane

  explicit NarrowConv(const ConvShape& shape)
      : s(shape),
        group(s.in_channels / s.groups),
        blocks(ceil_div(s.in_channels, C)),
        block_weights(s.kernel_h * group * s.kernel_w * C),
        reach_w((s.out_w - 1) * s.stride_w + s.kernel_w) {
    const Index fit = (kStageFloats / (group * reach_w * C) - s.kernel_h) / s.stride_h + 1;
    parts = ceil_div(s.out_h, fit < 1 ? 1 : fit);
    rows = ceil_div(s.out_h, parts);
    parts = ceil_div(s.out_h, rows);
    reach_h = (rows - 1) * s.stride_h + s.kernel_h;
    const Index whole_h = (s.out_h - 1) * s.stride_h + s.kernel_h;
    staged = Grouped || s.pad_top > 0 || s.pad_left > 0 || whole_h > s.in_h || reach_w > s.in_w;
    pitch = (staged ? reach_w : s.in_w) * C;
  }

  static bool applies(const ConvShape& s) {
    const Index group = s.in_channels / s.groups;
    return s.in_channels == s.out_channels && (Grouped ? group > 1 && C % group == 0 : group == 1) &&
           s.dilation_h == 1 && s.dilation_w == 1 && tiles_of(s) != nullptr;
  }

  static const TileFunctions* tiles_of(const ConvShape& s) {
    if (s.stride_w > 2) return nullptr;
    const bool dense = s.stride_w == 1;
    if (s.kernel_w == 3) return dense ? &kNarrowTiles<A, 3, 1> : &kNarrowTiles<A, 3, 2>;
    if (s.kernel_w == 5) return dense ? &kNarrowTiles<A, 5, 1> : &kNarrowTiles<A, 5, 2>;
    if (s.kernel_w == 7) return dense ? &kNarrowTiles<A, 7, 1> : &kNarrowTiles<A, 7, 2>;
    return nullptr;
  }

  Index packed_floats() const { return blocks * block_weights; }
  Index scratch_bytes() const { return staged ? reach_h * group * pitch * static_cast<Index>(sizeof(float)) : 0; }
  Index pack_units() const { return blocks; }
  Index units() const { return s.batch * blocks * parts; }

  /// [blocks][rows of the window][planes][columns of the window][C]
  void pack(const float* weight, float* packed, Index first, Index last) const {
    const Index taps = s.kernel_h * s.kernel_w;
    float* to = packed + first * block_weights;
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

  /// Stages `count` rows of the input, or of the padding, from `row` on: [row][planes][reach_w][C].
  void stage(const float* plane, float* to, Index row, Index count) const {
    const Index before = smaller(s.pad_left, reach_w), last = smaller(before + s.in_w, reach_w);
    for (Index r = row; r < row + count; ++r) {
      const bool inside = r >= 0 && r < s.in_h;
      const Index begin = inside ? before : reach_w, end = inside ? last : reach_w;
      const float* in = plane + (r * s.in_w - s.pad_left) * C;
      for (Index i = 0; i < group; ++i, to += pitch) {
        const XorLanes<A> other(i);
        for (Index p = 0; p < begin; ++p) store<A>(to + p * C, Vec<A>(0.0f));
        for (Index p = begin; p < end; ++p) {
          const Vec<A> pixel = load<A>(in + p * C);
          store<A>(to + p * C, Grouped ? other(pixel) : pixel);
        }
        for (Index p = end; p < reach_w; ++p) store<A>(to + p * C, Vec<A>(0.0f));
      }
    }
  }

  void run(const ConvArgs& args, Index first, Index last) const {
    const TileFunctions& tiles = *tiles_of(s);
    float* staging = static_cast<float*>(args.scratch);
    ConvTile tile{};
    tile.planes = s.kernel_h * group;
    tile.plane_stride = pitch;
    tile.lo = args.lo;
    tile.hi = args.hi;
    for (Index unit = first; unit < last; ++unit) {
      const Index image = unit / parts, block = image % blocks;  // image: of one block of channels
      const Index row = unit % parts * rows, count = smaller(rows, s.out_h - row);
      const float* plane = static_cast<const float*>(args.x) + image * s.in_h * s.in_w * C;
      if (staged) {
        stage(plane, staging, row * s.stride_h - s.pad_top, (count - 1) * s.stride_h + s.kernel_h);
        tile.x = staging;
      } else {
        tile.x = plane + row * s.stride_h * pitch;
      }
      const Index at = (image * s.out_h + row) * s.out_w * C;
      tile.w = static_cast<const float*>(args.packed) + block * block_weights;
      tile.bias = args.bias ? args.bias + block * C : nullptr;
      tile.residual = args.residual ? static_cast<const float*>(args.residual) + at : nullptr;
      tile.y = static_cast<float*>(args.y) + at;
      run_tiles<A>(tiles, tile, count, s.out_w, s.stride_w * C, s.stride_h * group * pitch);
    }
  }
};

}  // namespace
}  // namespace minnow::kernels
