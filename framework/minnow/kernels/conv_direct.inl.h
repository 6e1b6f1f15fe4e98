#pragma once

#include <minnow/kernels/conv_tile.inl.h>
#include <minnow/kernels/conv_window.inl.h>
#include <minnow/kernels/half_tile.inl.h>
#include <minnow/kernels/lanes.inl.h>

namespace minnow::kernels {
namespace {

/// Direct convolution of an input with X channels a block: any window, stride, dilation and padding, and groups that
/// fill whole blocks. A unit is one tile of output channels of one block of output rows of one group.
template <class A, int X>
struct DirectConv {
  static constexpr int C = kWidth<A>;
  static constexpr Index kSliceFloats = 8 * 1024;  // weights that the L1 cache can hold beside the pixels

  const ConvShape& s;
  ConvWindow<X> window;
  Index in_group;            // input channels a group
  Index planes, out_blocks;  // blocks of input and of output channels a group
  ChannelTiles tiles;        // of a group
  Index block_weights;       // floats of packed weights a block of output channels

  [[gnu::noinline]] explicit DirectConv(const ConvShape& shape)
      : s(shape),
        window(s, ceil_div(s.in_channels / s.groups, X), stage_floats(s), false),
        in_group(s.in_channels / s.groups),
        planes(ceil_div(in_group, X)),
        out_blocks(ceil_div(s.out_channels / s.groups, C)),
        tiles(ChannelTiles::of<A>(out_blocks, X > 1 ? run_pixels() : 0)),  // plain pixels have no tiles of a whole row
        block_weights(C * in_group * window.taps) {}

  /// What a block of rows may read: most of what the L2 cache can hold beside a tile's weights. Each block reads all
  /// weights of its group again. So where the cache is large, rows may take more of it, the more weights there are.
  static Index stage_floats(const ConvShape& s) {
    const Index least = 48 * 1024, most = large_l2() ? 160 * 1024 : least;
    const Index group_outputs = s.out_channels / s.groups, group_inputs = s.in_channels / s.groups;
    const Index share = group_outputs * group_inputs * s.kernel_h * s.kernel_w / 8;
    return share < least ? least : smaller(share, most);
  }

  static bool applies(const ConvShape& s) {
    return s.groups == 1 || (s.in_channels / s.groups % X == 0 && s.out_channels / s.groups % C == 0);
  }
  /// Output pixels that follow each other in x.
  Index run_pixels() const { return window.flat() ? window.block_rows * s.out_w : s.out_w; }
  Index packed_floats() const { return pack_units() * block_weights; }
  Index scratch_bytes() const {
    const Index floats = window.staged ? planes * window.stage_rows * window.pitch : 0;
    return window.tap_bytes() + floats * static_cast<Index>(sizeof(float));
  }
  Index pack_units() const { return s.groups * out_blocks; }
  Index units() const { return s.batch * s.groups * window.blocks * tiles.count; }
  bool by_rows() const { return s.groups == 1; }

  /// [groups][out_blocks][planes][taps][channels of the plane][C]
  void pack(const ConvWeights& weight, float* packed, Index first, Index last) const {
    for (Index block = first; block < last; ++block) pack_block(weight, block, packed + block * block_weights);
  }
  void pack_block(const ConvWeights& weight, Index block, float* to) const {
    const Index taps = window.taps;
    for (Index start = 0; start < in_group; start += X) {
      const Index channels = smaller(in_group - start, X);
      if (channels % 4 == 0 && (block + 1) * C <= s.out_channels) {
        pack_transposed(weight, block * C, start, to, channels);
      } else {
        for (Index lane = 0; lane < C; ++lane) {
          const Index out = block * C + lane;
          const float* from = weight.values + (out * in_group + start) * taps;
          const bool used = out < s.out_channels;
          const float factor = used ? weight.factor(out) : 0.0f;
          for (Index c = 0; c < channels; ++c) {
            for (Index k = 0; k < taps; ++k) {
              to[(k * channels + c) * C + lane] = used ? from[c * taps + k] * factor : 0.0f;
            }
          }
        }
      }
      to += channels * taps * C;
    }
  }

  /// The same for whole vectors of both, from the output channel `out` and the input channel `start` on: from
  /// [C][in_group][taps] to [taps][channels][C].
  void pack_transposed(const ConvWeights& weight, Index out, Index start, float* to, Index channels) const {
    const Index taps = window.taps, row = in_group * taps;
    const float* from = weight.values + out * row + start * taps;
    for (Index lane = 0; lane < C; lane += 4) {
      float factors[4];
      for (Index i = 0; i < 4; ++i) factors[i] = weight.factor(out + lane + i);
      Index channel = 0, tap = 0;
      for (Index at = 0; at < channels * taps; at += 4) {
        Vec<Quad> v[4];
        unroll<4>([&](auto i) {
          v[i] = load<Quad>(from + (lane + i) * row + at) * Vec<Quad>(factors[i]);
          __builtin_prefetch(from + (lane + i) * row + at + channels * taps);
        });
        transpose4(v);
        unroll<4>([&](auto i) {
          store<Quad>(to + (tap * channels + channel) * C + lane, v[i]);
          if (++tap == taps) tap = 0, ++channel;
        });
      }
    }
  }

  static void copy_pixels(const float* from, float* to, Index count, Index stride) {
    if (stride == 1) {
      copy_floats(from, to, count * X);
      return;
    }
    Index p = 0;
    if constexpr (X == 1) {
      const auto copy_vectors = [&](Index step) MINNOW_INLINED {
        for (; p + C <= count; p += C) store<A>(to + p, load_every<A>(from + p * step, step));
      };
      stride == 2 ? copy_vectors(2) : copy_vectors(stride);  // the usual one without a choice for each vector
      for (; p < count; ++p) to[p] = from[p * stride];
    } else {
      for (; p < count; ++p) store<A>(to + p * X, load<A>(from + p * stride * X));
    }
  }

  /// Stages what `rows` output rows from `row` on read of a group's input.
  void stage(const float* x, Index x_rows, float* to, Index row, Index rows) const {
    for (Index b = 0; b < planes; ++b) {
      for (Index r = 0; r < window.rows_read(rows); ++r) {
        const Index in_row = window.in_row(row, r);
        const float* in = x + (b * x_rows + in_row) * s.in_w * X;
        float* out = to + (b * window.stage_rows + r) * window.pitch;
        window.stage_row(
            in_row,
            [&](Index column, Index i, Index count) { copy_pixels(in + column * X, out + i * X, count, s.stride_w); },
            [&](Index i, Index count) { zero_floats(out + i * X, count * X); });
      }
    }
  }

  /// The planes of a slice, whose weights all tiles of so many vectors multiply before those of the next slice. A large
  /// window has many weights for few pixels, which would else come from the L2 cache again for each tile.
  Index slice_planes(Index vectors) const {
    const Index plane = vectors * window.taps * X * C;
    if (window.taps == 1 || planes * plane <= 6 * kSliceFloats) return planes;
    const Index fit = kSliceFloats / plane, slices = ceil_div(planes, fit < 1 ? 1 : fit);
    return ceil_div(planes, slices);
  }

  void run(const ConvArgs& args, Index first, Index last) const {
    run_units(args, {.last = s.out_h, .x_rows = s.in_h, .y_rows = s.out_h}, first, last);
  }
  void run_rows(const ConvArgs& args, const ConvRows& rows) const {
    run_units(args, rows, 0, ceil_div(rows.last - rows.first, window.block_rows) * tiles.count);
  }

  /// Units [first, last) of those that compute the rows [held.first, held.last) of each image.
  void run_units(const ConvArgs& args, const ConvRows& held, Index first, Index last) const {
    auto* taps = static_cast<Index*>(args.scratch);
    float* staging = reinterpret_cast<float*>(static_cast<char*>(args.scratch) + window.tap_bytes());
    window.fill_taps(taps);
    const Index blocks = ceil_div(held.last - held.first, window.block_rows);  // of rows
    const Index out_plane = held.y_rows * s.out_w * C, in_pitch = s.in_w * X;
    ConvTile tile{};
    tile.plane_stride = (window.staged ? window.stage_rows : held.x_rows) * window.pitch;
    tile.far = !window.staged && window.taps == 1;
    tile.taps = window.taps;
    tile.tap = taps;
    tile.w_block = tile.next_block = block_weights;
    tile.y_block = tile.addend_block = out_plane;
    tile.lo = args.lo;
    tile.hi = args.hi;
    const auto weights_of = [&](Index unit) {
      const Index group = unit / tiles.count / blocks % s.groups;
      return static_cast<const float*>(args.packed) +
             (group * out_blocks + tiles.first(unit % tiles.count)) * block_weights;
    };
    for (Index unit = first; unit < last;) {
      const Index part = unit / tiles.count, set = part / blocks;  // a group of an image
      const Index row = held.first + part % blocks * window.block_rows,
                  rows = smaller(window.block_rows, held.last - row);
      const float* x = static_cast<const float*>(args.x) + (set * planes * held.x_rows - held.x_top) * in_pitch;
      if (window.staged) {
        stage(x, held.x_rows, staging, row, rows);
        x = staging;
      } else {
        x += row * window.row_step * window.pitch;
      }
      for (const Index end = smaller(last, (part + 1) * tiles.count); unit < end; ++unit) {
        const Index t = unit % tiles.count, number = tiles.size(t), block = tiles.first(t);
        const Index channel = (set % s.groups * out_blocks + block) * C;
        const Index at = (set * out_blocks + block) * out_plane + (row - held.y_top) * s.out_w * C;
        const float *weights = weights_of(unit), *following = unit + 1 < last ? weights_of(unit + 1) : weights;
        tile.y = static_cast<float*>(args.y) + at;
        const Index slice = slice_planes(number), plane_weights = window.taps * X * C;
        // Half tiles add no sums that lie in y.
        const TileFunctions& f = slice < planes
                                     ? conv_tiles<A, X>(number)
                                     : tiles_of_channels<A, X>(number, s.out_channels - channel - (number - 1) * C);
        for (Index plane = 0; plane < planes; plane += slice) {  // y keeps the sum of those before
          const Index left = planes - plane;
          tile.planes = smaller(slice, left);
          tile.tail = left > slice ? X : in_group - (planes - 1) * X;
          tile.x = x + plane * tile.plane_stride;
          tile.w = weights + plane * plane_weights;
          tile.next = left > slice ? tile.w + slice * plane_weights : following != weights ? following : nullptr;
          tile.next_floats = smaller(slice * plane_weights, block_weights);
          tile.bias = args.bias && plane == 0 ? args.bias + channel : nullptr;
          tile.addend = plane > 0 ? tile.y : nullptr;
          tile.residual = args.residual && plane == 0 ? static_cast<const float*>(args.residual) + at : nullptr;
          tile.is_output = left <= slice;
          run_tiles<A>(f, tile, window.flat() ? 1 : rows, window.flat() ? rows * s.out_w : s.out_w, X,
                       window.row_step * window.pitch);
        }
      }
    }
  }
};

}  // namespace
}  // namespace minnow::kernels
