#pragma once

#include <minnow/kernels/conv_window.inl.h>
#include <minnow/kernels/digit_tile.inl.h>

namespace minnow::kernels {
namespace {

/// Hands out pieces of memory, in whole cache lines.
class Scratch {
 public:
  explicit Scratch(void* memory) : at_(round_up(reinterpret_cast<Index>(memory), kLineBytes)) {}
  template <class T>
  T* take(Index count) {
    const Index at = at_;
    at_ += round_up(count * static_cast<Index>(sizeof(T)), kLineBytes);
    return reinterpret_cast<T*>(at);
  }
  /// What a thread needs for all that `take_all` takes.
  template <class TakeAll>
  static Index bytes(const TakeAll& take_all) {
    Scratch scratch(nullptr);
    take_all(scratch);
    return scratch.at_ + kLineBytes;
  }

 private:
  Index at_;
};

/// What convolutions by AMX have in common: the weights, and products of them with staged pixels.
template <class A>
struct DigitWeights {
  static constexpr int C = kWidth<A>;
  static constexpr Index kGroup = 2 * kTileRows;  // pixels of a product

  const ConvShape& s;
  Index taps;                   // places in the window
  Index in_blocks, out_blocks;  // of 16 channels
  Index planes;                 // of 64 input channels
  Index steps;                  // planes times places

  explicit DigitWeights(const ConvShape& shape)
      : s(shape),
        taps(s.kernel_h * s.kernel_w),
        in_blocks(ceil_div(s.in_channels, C)),
        out_blocks(ceil_div(s.out_channels, C)),
        planes(ceil_div(s.in_channels, kDigitDepth)),
        steps(planes * taps) {}

  static bool few_terms(const ConvShape& s) { return s.in_channels * s.kernel_h * s.kernel_w <= kMostTerms; }
  static constexpr Index kScaleBytes = C * sizeof(float);
  /// Bytes of a block of output channels: their scales, and tiles.
  Index block_bytes() const { return kScaleBytes + tile_bytes(); }
  Index tile_bytes() const { return steps * kStepBytes; }
  Index packed_floats() const { return out_blocks * block_bytes() / static_cast<Index>(sizeof(float)); }
  Index pack_units() const { return out_blocks; }

  /// [out_blocks]: scales [C], then [planes][taps][digits][16 rows][C][4 channels], where row r has the channels r, r +
  /// 16, r + 32 and r + 48 of the plane.
  void pack(const ConvWeights& weight, float* packed, Index first, Index last) const {
    for (Index block = first; block < last; ++block) {
      pack_block(weight, block * C, reinterpret_cast<std::byte*>(packed) + block * block_bytes());
    }
  }
  void pack_block(const ConvWeights& weight, Index out, std::byte* to) const {
    const Index terms = s.in_channels * taps, lanes = smaller(C, s.out_channels - out);
    const float* from = weight.values + out * terms;
    float scales[C] = {}, factors[C] = {}, inverses[C] = {};
    for (Index lane = 0; lane < lanes; ++lane) {
      __m512i most = _mm512_setzero_si512();
      Index i = 0;
      const float factor = weight.factor(out + lane);
      const auto add = [&](__m512 v) {
        const __m512 product = _mm512_abs_ps(_mm512_mul_ps(v, _mm512_set1_ps(factor)));
        most = _mm512_max_epu32(most, _mm512_castps_si512(product));
      };
      for (; i + C <= terms; i += C) add(_mm512_loadu_ps(from + lane * terms + i));
      if (i < terms) add(load_first<A>(from + lane * terms + i, terms - i));
      const DigitScale scale(largest_of(most));
      scales[lane] = scale.value;
      factors[lane] = factor;
      inverses[lane] = scale.inverse;
    }
    _mm512_storeu_ps(to, _mm512_loadu_ps(scales));
    to += kScaleBytes;
    const auto mask = static_cast<__mmask16>((1u << lanes) - 1);
    const __m512i lane_terms =
        _mm512_mullo_epi32(_mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15),
                           _mm512_set1_epi32(static_cast<int>(terms)));
    const __m512 factor = _mm512_loadu_ps(factors), inverse = _mm512_loadu_ps(inverses);
    for (Index plane = 0; plane < planes; ++plane) {
      for (Index row = 0; row < kTileRows; ++row) {
        for (Index tap = 0; tap < taps; ++tap) {
          __m512 v[4];
          for (Index j = 0; j < 4; ++j) {
            const Index in = plane * kDigitDepth + j * 16 + row;
            if (in < s.in_channels) {
              v[j] = _mm512_mask_i32gather_ps(_mm512_setzero_ps(), mask, lane_terms, from + in * taps + tap, 4);
              v[j] = _mm512_mul_ps(_mm512_mul_ps(v[j], factor), inverse);
            } else {
              v[j] = _mm512_setzero_ps();
            }
          }
          store_digits(v, to + (plane * taps + tap) * kStepBytes + row * kRowBytes, kTileBytes);
        }
      }
    }
  }

  const std::byte* scales_of(const ConvArgs& args, Index block) const {
    return static_cast<const std::byte*>(args.packed) + block * block_bytes();
  }
  const std::byte* weights_of(const ConvArgs& args, Index block) const { return scales_of(args, block) + kScaleBytes; }

  /// A thread's memory: staged pixels, and where they belong in y.
  struct Staging {
    Index* tap;
    Index* out;             // of each pixel, less than zero where nobody wants it
    float* scale;           // of each pixel
    std::int32_t* sums;     // of two products
    std::int32_t* nowhere;  // a tile
    std::byte* pixels;
    Index plane_bytes;

    /// For so many pixels with a scale, and bytes of them.
    Staging(Scratch& scratch, Index taps, Index count, Index bytes, Index bytes_a_plane)
        : tap(scratch.take<Index>(taps)),
          out(scratch.take<Index>(count)),
          scale(scratch.take<float>(count)),
          sums(scratch.take<std::int32_t>(2 * kGroup * kSums)),
          nowhere(scratch.take<std::int32_t>(kTileBytes / 4)),
          pixels(scratch.take<std::byte>(bytes)),
          plane_bytes(bytes_a_plane) {}
  };

  /// The product of up to kGroup pixels, staged at `pixels`, and a block of output channels. `first` is the number of
  /// the first pixel in `out` and `scale`. What was side work before is done, and their sums become it.
  MINNOW_INLINE void multiply(SideWork& work, const ConvArgs& args, const Staging& m, const std::byte* pixels,
                              Index first, Index count, Index block) const {
    std::int32_t* const sums = m.sums + (work.sums == m.sums ? kGroup * kSums : 0);  // where none wait to be finished
    const DigitProduct product{.pixels = pixels,
                               .planes = planes,
                               .plane_bytes = m.plane_bytes,
                               .taps = taps,
                               .tap = m.tap,
                               .weights = weights_of(args, block),
                               .sums = sums,
                               .nowhere = m.nowhere};
    count <= kTileRows ? multiply_digits<1>(product, work) : multiply_digits<2>(product, work);
    work.finish_all();
    finish(work, args, block, sums, m.scale + first, m.out + first, count);
  }
  /// Side work: the sums of `pixels` pixels of a block.
  void finish(SideWork& work, const ConvArgs& args, Index block, const std::int32_t* sums, const float* scale,
              const Index* out, Index pixels) const {
    const Index at = block * s.out_h * s.out_w * C;
    work.sums = sums;
    work.sums_scale = scale;
    work.out = out;
    work.pixels = pixels;
    work.pixels_a_turn = ceil_div(pixels, steps * kSideTurns);
    work.weight_scale = _mm512_mul_ps(_mm512_loadu_ps(scales_of(args, block)), _mm512_set1_ps(0x1p32f));
    work.bias = args.bias ? _mm512_loadu_ps(args.bias + block * C) : _mm512_setzero_ps();
    work.lo = _mm512_set1_ps(args.lo);
    work.hi = _mm512_set1_ps(args.hi);
    work.residual = args.residual ? static_cast<const float*>(args.residual) + at : nullptr;
    work.y = static_cast<float*>(args.y) + at;
    work.next = s.out_h * s.out_w * C;
  }
  /// Side work: the weights of a block come into the L2 cache.
  void prefetch(SideWork& work, const ConvArgs& args, Index block, Index turns) const {
    work.ahead = weights_of(args, block);
    work.lines = tile_bytes() / kLineBytes;
    work.lines_a_turn = ceil_div(work.lines, turns);
  }
};

/// Convolution of any window, stride, dilation and padding, without groups, by AMX. The output is cut into blocks of
/// rows, or of images where several fit. What a block reads is staged: in digits, padded, and with the rows and the
/// columns of equal remainders by the stride side by side, so that a window's place is an offset, the same for every
/// output pixel. Tiles go through rows and images as if they were one long row, and compute some pixels that nobody
/// wants where windows reach from one row into the next. What an image has in a block shares a scale. A unit is one
/// block of output channels of one block of the output.
template <class A>
struct DigitConv : DigitWeights<A> {
  using Base = DigitWeights<A>;
  using Base::s, Base::C, Base::kGroup, Base::taps, Base::planes, Base::steps, Base::in_blocks, Base::out_blocks;
  static constexpr Index kStageBytes = 768 * 1024;  // of an L2 cache
  static constexpr Index kLeastPixels = 192;        // of a block: fewer would reread the weights too often

  Index phases_h, phases_w;  // remainders by the stride that windows read
  Index halo, width;         // rows of a phase beyond the output's, pixels in a row of a phase
  Index rows, images;        // of a block
  Index row_blocks, blocks;  // an image, in all
  Index height;              // rows of a phase of an image of a block

  explicit DigitConv(const ConvShape& shape) : Base(shape) {
    phases_h = smaller(s.stride_h, (s.kernel_h - 1) * s.dilation_h + 1);
    phases_w = smaller(s.stride_w, (s.kernel_w - 1) * s.dilation_w + 1);
    halo = (s.kernel_h - 1) * s.dilation_h / s.stride_h;
    width = s.out_w + (s.kernel_w - 1) * s.dilation_w / s.stride_w;
    const Index row_bytes = phases_h * phases_w * width * planes * kPixelBytes;
    const Index fit = kStageBytes / row_bytes - halo, least = ceil_div(kLeastPixels, width);
    row_blocks = ceil_div(s.out_h, fit < least ? least : fit);
    rows = ceil_div(s.out_h, row_blocks);
    row_blocks = ceil_div(s.out_h, rows);
    height = rows + halo;
    const Index image_fit = row_blocks > 1 ? 1 : kStageBytes / (row_bytes * height);
    const Index image_blocks = ceil_div(s.batch, image_fit < 1 ? 1 : image_fit);
    images = image_blocks == 0 ? 1 : ceil_div(s.batch, image_blocks);
    blocks = ceil_div(s.batch, images) * row_blocks;
  }

  static bool applies(const ConvShape& s) { return s.groups == 1 && !is_pointwise(s) && Base::few_terms(s); }
  Index units() const { return blocks * out_blocks; }
  Index phase_pixels() const { return images * height * width; }
  Index plane_bytes() const { return (phases_h * phases_w * phase_pixels() + kGroup) * kPixelBytes; }

  using typename Base::Staging;
  /// [planes][phases][images][height][width] pixels
  Staging staging(Scratch& scratch) const {
    return {scratch, taps, phase_pixels(), planes * plane_bytes(), plane_bytes()};
  }
  Index scratch_bytes() const {
    return Scratch::bytes([&](Scratch& scratch) { staging(scratch); });
  }

  /// The offset in a plane of each place in the window, seen from its first.
  void fill_taps(Index* tap) const {
    for (Index h = 0; h < s.kernel_h; ++h) {
      for (Index w = 0; w < s.kernel_w; ++w) {
        const Index row = h * s.dilation_h, column = w * s.dilation_w;
        const Index phase = row % s.stride_h * phases_w + column % s.stride_w;
        *tap++ = (phase * phase_pixels() + row / s.stride_h * width + column / s.stride_w) * kPixelBytes;
      }
    }
  }
  /// Where each position of the block from the output row `row` of `count` images on belongs in y, or less than zero.
  void fill_offsets(Index* out, Index image, Index count, Index row) const {
    for (Index n = 0; n < images; ++n) {
      for (Index line = 0; line < height; ++line) {
        const bool wanted = n < count && line < rows && row + line < s.out_h;
        const Index at = ((image + n) * out_blocks * s.out_h + row + line) * s.out_w;
        for (Index i = 0; i < width; ++i) *out++ = wanted && i < s.out_w ? (at + i) * C : -1;
      }
    }
  }

  /// The scale of what the block from the output row `row` on reads of an image.
  DigitScale scale_of(const PixelSource& image, Index row) const {
    const Index top = row * s.stride_h - s.pad_top,
                end = top + (rows - 1) * s.stride_h + (s.kernel_h - 1) * s.dilation_h;
    const Index first = (top > 0 ? top : 0) * s.in_w, last = smaller(end + 1, s.in_h) * s.in_w;
    __m512i most = _mm512_setzero_si512();
    for (Index plane = 0; plane < planes; ++plane) {
      for (Index i = first; i < last; ++i) most = image.most(i * C, plane, most);
    }
    return DigitScale(largest_of(most));
  }

  /// Stages what the block of `count` images reads from the output row `row` on; `scale` is that of each position.
  /// Takes a turn at prefetching with each plane of a pixel.
  void stage(PixelSource source, std::byte* to, float* scale, Index count, Index row, SideWork& work) const {
    for (Index n = 0; n < count; ++n, source.x += in_blocks * source.block) {
      const DigitScale image_scale = scale_of(source, row);
      const __m512 inverse = _mm512_set1_ps(image_scale.inverse);
      for (Index i = 0; i < height * width; ++i) scale[n * height * width + i] = image_scale.value;
      for (Index phase = 0; phase < phases_h * phases_w; ++phase) {
        const Index top = row * s.stride_h + phase / phases_w - s.pad_top, left = phase % phases_w - s.pad_left;
        const auto before = [&](Index column) {  // pixels of a row that lie before a column of the input
          return column <= left ? 0 : smaller(width, ceil_div(column - left, s.stride_w));
        };
        const Index begin = before(0), end = before(s.in_w);
        for (Index r = 0; r < height; ++r) {
          const Index y = top + r * s.stride_h;
          const bool inside = y >= 0 && y < s.in_h;
          const Index first = inside ? begin : width, last = inside ? end : width;
          for (Index plane = 0; plane < planes; ++plane) {
            std::byte* pixel =
                to + plane * plane_bytes() + (phase * phase_pixels() + (n * height + r) * width) * kPixelBytes;
            __builtin_memset(pixel, 0, static_cast<std::size_t>(first * kPixelBytes));
            __builtin_memset(pixel + last * kPixelBytes, 0, static_cast<std::size_t>((width - last) * kPixelBytes));
            for (Index i = first; i < last; ++i) {
              work.prefetch_turn();
              source.split((y * s.in_w + left + i * s.stride_w) * C, plane, inverse, pixel + i * kPixelBytes);
            }
          }
        }
      }
    }
  }

  void run(const ConvArgs& args, Index first, Index last) const {
    if (first == last) return;
    const TileRegisters registers;
    Scratch scratch(args.scratch);
    const Staging m = staging(scratch);
    fill_taps(m.tap);
    SideWork work;
    for (Index unit = first; unit < last;) {
      const Index image = unit / out_blocks / row_blocks * images, row = unit / out_blocks % row_blocks * rows;
      const Index count = smaller(images, s.batch - image), lines = smaller(rows, s.out_h - row);
      const Index positions = ((count - 1) * height + lines - 1) * width + s.out_w;
      work.finish_all();
      this->prefetch(work, args, unit % out_blocks, planes * count * lines * s.out_w);
      const Index in_plane = s.in_h * s.in_w * C;
      stage({static_cast<const float*>(args.x) + image * in_blocks * in_plane, in_plane, s.in_channels}, m.pixels,
            m.scale, count, row, work);
      fill_offsets(m.out, image, count, row);
      const Index end = smaller(last, (unit / out_blocks + 1) * out_blocks);
      for (; unit < end; ++unit) {
        const Index block = unit % out_blocks;
        if (unit + 1 < last) {
          this->prefetch(work, args, (unit + 1) % out_blocks, ceil_div(positions, kGroup) * steps * kSideTurns);
        }
        for (Index p = 0; p < positions; p += kGroup) {
          this->multiply(work, args, m, m.pixels + p * kPixelBytes, p, smaller(kGroup, positions - p), block);
        }
      }
    }
    work.finish_all();
  }
};

}  // namespace
}  // namespace minnow::kernels
