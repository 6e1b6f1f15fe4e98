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

  const ConvShape& s;
  Index in_group, out_group;    // channels a group
  Index in_blocks, out_blocks;  // of channels
  ConvWindow<C> window;

  explicit LaneConv(const ConvShape& shape)
      : s(shape),
        in_group(s.in_channels / s.groups),
        out_group(s.out_channels / s.groups),
        in_blocks(ceil_div(s.in_channels, C)),
        out_blocks(ceil_div(s.out_channels, C)),
        window(s, in_group, true) {}

  static bool applies(const ConvShape&) { return true; }
  Index packed_floats() const { return out_blocks * in_group * window.taps * C; }
  Index scratch_bytes() const {
    return window.tap_bytes() + in_group * window.stage_rows * window.pitch * static_cast<Index>(sizeof(float));
  }
  Index pack_units() const { return out_blocks; }
  Index units() const { return s.batch * window.blocks * out_blocks; }

  /// [blocks][channels a group][taps][C]
  void pack(const float* weight, float* packed, Index first, Index last) const {
    const Index size = in_group * window.taps;
    for (Index b = first; b < last; ++b) {
      for (Index lane = 0; lane < C; ++lane) {
        const Index out = b * C + lane;
        for (Index i = 0; i < size; ++i) {
          packed[(b * size + i) * C + lane] = out < s.out_channels ? weight[out * size + i] : 0.0f;
        }
      }
    }
  }

  /// The channel that plane 0 holds in each lane of the output block; any, for lanes beyond the last channel.
  void first_channels(Index block, Index (&channel)[C]) const {
    for (Index lane = 0; lane < C; ++lane) {
      const Index out = block * C + lane;
      const Index first = out / out_group * in_group;
      channel[lane] = first + in_group <= in_blocks * C ? first : s.in_channels - in_group;
    }
  }

  void stage(const float* image, float* to, Index row, Index block) const {
    const Index plane_stride = window.stage_rows * window.pitch, in_plane = s.in_h * s.in_w * C;
    Index channel[C];
    first_channels(block, channel);
    for (Index i = 0; i < in_group; ++i) {
      Index from[C];
      bool whole = true;  // lane l takes lane l of one block
      for (Index lane = 0; lane < C; ++lane) {
        from[lane] = (channel[lane] + i) / C * in_plane + (channel[lane] + i) % C;
        whole = whole && from[lane] == from[0] + lane;
      }
      for (Index r = 0; r < window.stage_rows; ++r) {
        const Index in_row = window.in_row(row, r);
        const float* in = image + in_row * s.in_w * C;
        float* out = to + i * plane_stride + r * window.pitch;
        const auto zero = [&](Index p) { store<A>(out + p * C, Vec<A>(0.0f)); };
        if (whole) {
          window.stage_row(
              in_row, [&](Index column, Index p) { store<A>(out + p * C, load<A>(in + from[0] + column * C)); }, zero);
        } else {
          const auto gather = [&](Index column, Index p) {
            for (Index lane = 0; lane < C; ++lane) out[p * C + lane] = in[from[lane] + column * C];
          };
          window.stage_row(in_row, gather, zero);
        }
      }
    }
  }

  void run(const ConvArgs& args, Index first, Index last) const {
    auto* taps = static_cast<Index*>(args.scratch);
    float* staging = reinterpret_cast<float*>(taps + window.taps);
    window.fill_taps(taps);
    const Index out_plane = s.out_h * s.out_w * C;
    ConvTile tile;
    tile.x = staging;
    tile.planes = in_group;
    tile.plane_stride = window.stage_rows * window.pitch;
    tile.taps = window.taps;
    tile.tap = taps;
    tile.tail = C;
    tile.y_block = out_plane;
    tile.lo = args.lo;
    tile.hi = args.hi;
    for (Index unit = first; unit < last; ++unit) {
      const Index row = unit % window.blocks * window.block_rows, image = unit / window.blocks;
      const Index n = image / out_blocks, block = image % out_blocks;
      const Index rows = s.out_h - row < window.block_rows ? s.out_h - row : window.block_rows;
      const Index at = image * out_plane + row * s.out_w * C;
      stage(static_cast<const float*>(args.x) + n * in_blocks * s.in_h * s.in_w * C, staging, row, block);
      tile.w = static_cast<const float*>(args.packed) + block * in_group * window.taps * C;
      tile.bias = args.bias ? args.bias + block * C : nullptr;
      tile.residual = args.residual ? static_cast<const float*>(args.residual) + at : nullptr;
      tile.y = static_cast<float*>(args.y) + at;
      run_rows<A>(kLaneTiles<A>, tile, window.flat() ? 1 : rows, window.flat() ? rows * s.out_w : s.out_w, C,
                  window.row_step * window.pitch);
    }
  }
};

}  // namespace
}  // namespace minnow::kernels
