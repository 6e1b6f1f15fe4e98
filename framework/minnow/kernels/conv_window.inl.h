#pragma once

#include <minnow/kernels/conv.h>
#include <minnow/kernels/simd.h>

namespace minnow::kernels {
namespace {

/// Whether each output is made of the channels of one pixel: 1x1, of any stride, without padding or groups.
inline bool is_pointwise(const ConvShape& s) {
  return s.kernel_h == 1 && s.kernel_w == 1 && s.pad_top == 0 && s.pad_left == 0 &&
         (s.out_h - 1) * s.stride_h < s.in_h && (s.out_w - 1) * s.stride_w < s.in_w && s.groups == 1;
}

/// Where a convolution's windows lie in rows of pixels, X floats a pixel. The output is cut into blocks of rows. Where
/// there is padding or a stride, the rows that a block reads are staged: padded, and with the columns of equal
/// (column mod stride) side by side, so that neighbouring output pixels are neighbours in memory.
template <int X>
struct ConvWindow {
  static constexpr Index kLeastPixels = 28;  // of a block: fewer would reread the weights too often

  const ConvShape& s;
  Index taps;
  bool staged;
  Index phases, phase_width;  // of a staged row
  Index pitch;                // floats a row
  Index row_step;             // rows of x from one output row to the next
  Index block_rows, blocks;   // output rows a block, blocks an image
  Index stage_rows;           // rows of x that a block reads

  /// `planes` is the number of rows of x at one height; the input of a block is to take `stage_floats` at most.
  ConvWindow(const ConvShape& shape, Index planes, Index stage_floats, bool always_staged)
      : s(shape), taps(s.kernel_h * s.kernel_w) {
    const Index reach_h = (s.out_h - 1) * s.stride_h + (s.kernel_h - 1) * s.dilation_h + 1;
    const Index reach_w = (s.out_w - 1) * s.stride_w + (s.kernel_w - 1) * s.dilation_w + 1;
    staged = always_staged || s.pad_top > 0 || s.pad_left > 0 || s.stride_w > 1 || reach_h > s.in_h || reach_w > s.in_w;
    phases = smaller(s.stride_w, (s.kernel_w - 1) * s.dilation_w + 1);  // the others no window reads
    phase_width = s.out_w + (s.kernel_w - 1) * s.dilation_w / s.stride_w;
    row_step = staged && s.kernel_h == 1 ? 1 : s.stride_h;
    pitch = (staged ? phases * phase_width : s.in_w) * X;
    const Index halo = (s.kernel_h - 1) * s.dilation_h / row_step;
    const Index fit = stage_floats / (planes * pitch * row_step) - halo, least = ceil_div(kLeastPixels, s.out_w);
    blocks = ceil_div(s.out_h, fit < least ? least : fit);
    if (blocks > 1) blocks = shared_blocks(blocks, least, halo);
    block_rows = ceil_div(s.out_h, blocks);
    blocks = ceil_div(s.out_h, block_rows);
    stage_rows = rows_read(block_rows);
  }

  /// The rows of x, as they are staged, that so many output rows read.
  Index rows_read(Index rows) const { return (rows - 1) * row_step + (s.kernel_h - 1) * s.dilation_h + 1; }

  /// `count` blocks, or up to twice as many where they are an even number then, which two threads share better, and
  /// have `least` rows. Without rows that blocks read twice, rather so many that all are equally large.
  Index shared_blocks(Index count, Index least, Index halo) const {
    Index even = count, equal = 0;
    for (Index more = 2 * count - 1; more >= count; --more) {
      const Index rows = ceil_div(s.out_h, more);
      if (rows < least || ceil_div(s.out_h, rows) % 2 == 1) continue;
      even = more;
      if (s.out_h % rows == 0) equal = more;
    }
    return halo == 0 && equal > 0 ? equal : even;
  }

  /// Memory for the offsets below, in whole cache lines: what follows them is as well aligned as they are.
  Index tap_bytes() const { return round_up(taps * static_cast<Index>(sizeof(Index)), 64); }

  /// The offset in x of each place in the window, seen from its first.
  void fill_taps(Index* tap) const {
    for (Index h = 0; h < s.kernel_h; ++h) {
      for (Index w = 0; w < s.kernel_w; ++w) {
        const Index column = w * s.dilation_w;
        const Index at = staged ? column % s.stride_w * phase_width + column / s.stride_w : column;
        *tap++ = h * s.dilation_h * pitch + at * X;
      }
    }
  }

  /// Whether the rows of an output block follow each other in x without a gap.
  bool flat() const { return row_step * pitch == s.out_w * X; }

  /// The row of the input, or of the padding, that is staged as row r of the block that starts at output row `row`.
  Index in_row(Index row, Index r) const {
    return (s.kernel_h == 1 ? (row + r) * s.stride_h : row * s.stride_h + r) - s.pad_top;
  }

  /// Stages one row: copy(column, i, count) where staged pixels i, i + 1, ... come from columns of the input `stride_w`
  /// apart, zero(i, count) where they are padding.
  template <class Copy, class Zero>
  MINNOW_INLINE void stage_row(Index row, Copy copy, Zero zero) const {
    for (Index phase = 0; phase < phases; ++phase) {
      const Index start = phase - s.pad_left, at = phase * phase_width;  // the column of the phase's first pixel
      const auto pixels_before = [&](Index column) {
        const Index n = column <= start ? 0 : ceil_div(column - start, s.stride_w);
        return n < phase_width ? n : phase_width;
      };
      const bool inside = row >= 0 && row < s.in_h;
      const Index begin = inside ? pixels_before(0) : phase_width, end = inside ? pixels_before(s.in_w) : phase_width;
      zero(at, begin);
      if (begin < end) copy(start + begin * s.stride_w, at + begin, end - begin);
      zero(at + end, phase_width - end);
    }
  }
};

}  // namespace
}  // namespace minnow::kernels
