#pragma once

#include <minnow/kernels/conv_tile.inl.h>
#include <minnow/kernels/conv_window.inl.h>

namespace minnow::kernels {
namespace {

/// Grouped convolution, for any groups. For a block of output channels, plane i is staged to hold, for each lane, the
/// i-th input channel of the lane's group: then every lane has pixels and weights of its own, and nothing is
/// multiplied by zero. A unit is one block of output channels of one block of output rows.
template <class A>
struct LaneConv {
  static constexpr int C = kWidth<A>;
  static constexpr Index kStageFloats = 24 * 1024;  // a part of the L2 cache

  const ConvShape& s;
  Index in_group, out_group;    // channels a group
  Index in_blocks, out_blocks;  // of channels
  ConvWindow<C> window;
  Index plane_stride, row_floats;  // of staged and of given pixels

  [[gnu::noinline]] explicit LaneConv(const ConvShape& shape)
      : s(shape),
        in_group(s.in_channels / s.groups),
        out_group(s.out_channels / s.groups),
        in_blocks(ceil_div(s.in_channels, C)),
        out_blocks(ceil_div(s.out_channels, C)),
        window(s, in_group, kStageFloats, true),
        plane_stride(window.stage_rows * window.pitch),
        row_floats(s.in_w * C) {}

  static bool applies(const ConvShape&) { return true; }
  Index packed_floats() const { return out_blocks * in_group * window.taps * C; }
  Index scratch_bytes() const {
    return window.tap_bytes() + in_group * plane_stride * static_cast<Index>(sizeof(float));
  }
  Index pack_units() const { return out_blocks; }
  Index units() const { return s.batch * window.blocks * out_blocks; }

  /// [blocks][channels a group][taps][C]
  void pack(const ConvWeights& weight, float* packed, Index first, Index last) const {
    const Index size = in_group * window.taps;
    for (Index b = first; b < last; ++b) {
      for (Index lane = 0; lane < C; ++lane) {
        const Index out = b * C + lane;
        const bool used = out < s.out_channels;
        const float factor = used ? weight.factor(out) : 0.0f;
        for (Index i = 0; i < size; ++i) {
          packed[(b * size + i) * C + lane] = used ? weight.values[out * size + i] * factor : 0.0f;
        }
      }
    }
  }

  /// Stages the rows of a block, of `planes` planes at a time: copy(from, to) writes a pixel of each.
  template <class Copy>
  MINNOW_INLINE void stage_rows(const float* x, float* to, Index row, Index planes, const Copy& copy) const {
    for (Index r = 0; r < window.stage_rows; ++r) {
      const Index in_row = window.in_row(row, r);
      const float* in = x + in_row * row_floats;
      float* out = to + r * window.pitch;
      window.stage_row(
          in_row,
          [&](Index column, Index p, Index count) {
            for (Index i = 0; i < count; ++i) copy(in + (column + i * s.stride_w) * C, out + (p + i) * C);
          },
          [&](Index p, Index count) {
            for (Index i = 0; i < planes; ++i) {
              zero_floats(out + i * plane_stride + p * C, count * C);
            }
          });
    }
  }

  void stage(const float* image, float* to, Index row, Index block) const {
    for (Index i = 0; i < in_group; ++i) {
      Index source[C];
      for (Index lane = 0; lane < C; ++lane) {
        const Index first = (block * C + lane) / out_group * in_group;
        const Index channel = (first + in_group <= s.in_channels ? first : 0) + i;  // 0 beyond the last channel
        source[lane] = channel / C * s.in_h * row_floats + channel % C;
      }
      stage_rows(image, to + i * plane_stride, row, 1, [&](const float* from, float* out) {
        for (Index lane = 0; lane < C; ++lane) out[lane] = from[source[lane]];
      });
    }
  }

  void run(const ConvArgs& args, Index first, Index last) const {
    auto* taps = static_cast<Index*>(args.scratch);
    float* staging = reinterpret_cast<float*>(static_cast<char*>(args.scratch) + window.tap_bytes());
    window.fill_taps(taps);
    const Index out_plane = s.out_h * s.out_w * C;
    ConvTile tile{};
    tile.x = staging;
    tile.planes = in_group;
    tile.plane_stride = plane_stride;
    tile.taps = window.taps;
    tile.tap = taps;
    tile.tail = C;
    tile.y_block = out_plane;
    tile.lo = args.lo;
    tile.hi = args.hi;
    for (Index unit = first; unit < last; ++unit) {
      const Index row = unit % window.blocks * window.block_rows, image = unit / window.blocks;
      const Index n = image / out_blocks, block = image % out_blocks;
      const Index rows = smaller(s.out_h - row, window.block_rows);
      const Index at = image * out_plane + row * s.out_w * C;
      stage(static_cast<const float*>(args.x) + n * in_blocks * s.in_h * row_floats, staging, row, block);
      tile.w = static_cast<const float*>(args.packed) + block * in_group * window.taps * C;
      tile.bias = args.bias ? args.bias + block * C : nullptr;
      tile.residual = args.residual ? static_cast<const float*>(args.residual) + at : nullptr;
      tile.y = static_cast<float*>(args.y) + at;
      run_tiles<A>(kLaneTiles<A>, tile, window.flat() ? 1 : rows, window.flat() ? rows * s.out_w : s.out_w, C,
                   window.row_step * window.pitch);
    }
  }
};

}  // namespace
}  // namespace minnow::kernels
