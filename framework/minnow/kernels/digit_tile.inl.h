#pragma once

// Products of float32 by AMX, which multiplies bytes. Numbers that are added up with each other share a scale, so that
// each is an integer of 24 bits times that; of the integer's three digits, each of eight bits, d = 65536 d0 + 256 d1 +
// d2, and of the nine products of digits, the six that matter are added up, exactly:
//
//   d e = 2^32 d0 e0 + 2^24 (d0 e1 + d1 e0) + 2^16 (d0 e2 + d1 e1 + d2 e0) + ...
//
// (Ozaki and others, "Error-free transformations of matrix multiplication by using fast routines of matrix
// multiplication and its applications", 2012; for integer units Ootomo and others, "DGEMM on integer matrix
// multiplication unit", 2024.) An infinity becomes NaN, and spreads to all that share its scale.

#include <minnow/kernels/simd.h>

namespace minnow::kernels {
namespace {

/// Input channels that a tile instruction adds up: a plane.
constexpr Index kDigitDepth = 64;
/// Rows of a tile: pixels, or input channels of the weights, four to a row.
constexpr Index kTileRows = 16;
/// Bytes of a tile's row, of a tile, and of a cache line.
constexpr Index kRowBytes = 64, kTileBytes = kTileRows * kRowBytes, kLineBytes = 64;
constexpr int kDigits = 3;
/// Bytes of a pixel's plane: a row of each digit.
constexpr Index kPixelBytes = kDigits * kRowBytes;
/// Bytes of a plane's weights for 16 outputs: a tile of each digit.
constexpr Index kStepBytes = kDigits * kTileBytes;
/// Integers of a pixel's sums for 16 outputs, of each of the three scales.
constexpr Index kSums = kDigits * 16;
/// The largest integer: with 0x808080 added, which makes its digits positive, it has 24 bits.
constexpr float kLargest = 8'355'000.0f;
/// Sums of three products of digits each stay below 2^31.
constexpr Index kMostTerms = 40'000;

/// What numbers of which none is larger than `most` are multiples of, and one over it. A NaN or an infinity makes it
/// NaN, and one over it zero.
struct DigitScale {
  float value, inverse;

  MINNOW_INLINE explicit DigitScale(float most) {
    const bool finite = most <= std::numeric_limits<float>::max();
    most = most > 2e-31f ? most : 2e-31f;
    value = finite ? most * (1 / kLargest) : std::numeric_limits<float>::quiet_NaN();
    inverse = finite ? kLargest / most : 0;
  }
};

/// The largest of lanes that `PixelSource::most` has collected.
MINNOW_INLINE float largest_of(__m512i v) {
  const auto most = static_cast<std::uint32_t>(_mm512_reduce_max_epu32(v));
  float value = 0;
  __builtin_memcpy(&value, &most, sizeof value);
  return value;
}

/// Sets this thread's tiles up, and puts the configuration back when it dies, though not what the tiles held: another
/// library may share the thread.
class TileRegisters {
 public:
  TileRegisters() {
    use(before_);
    _tile_storeconfig(&before_);
    Config config{};
    config.palette = 1;
    for (int i = 0; i < 8; ++i) config.row_bytes[i] = kRowBytes, config.rows[i] = kTileRows;
    load(config);
  }
  ~TileRegisters() { load(before_); }
  TileRegisters(const TileRegisters&) = delete;
  TileRegisters& operator=(const TileRegisters&) = delete;

 private:
  struct alignas(64) Config {
    std::uint8_t palette, start_row, reserved[14];
    std::uint16_t row_bytes[16];
    std::uint8_t rows[16];
  };
  // The intrinsics of g++ 12 say that they read or write eight bytes only.
  static void use(const Config& config) { asm volatile("" : : "r"(&config) : "memory"); }
  static void load(const Config& config) {
    use(config);
    _tile_loadconfig(&config);
  }
  Config before_{};
};

/// The digits of 16 times four integers: of each digit, `stride` bytes apart, byte 4 l + j is that of lane l of v[j].
MINNOW_INLINE void store_digits(const __m512 (&v)[4], std::byte* to, Index stride) {
  const __m512i zero = _mm512_set1_epi32(0x808080);  // takes the digits from -128 ... 127 to 0 ... 255
  __m512i u[4];
  unroll<4>([&](auto j) { u[j] = _mm512_xor_si512(_mm512_add_epi32(_mm512_cvtps_epi32(v[j]), zero), zero); });
  const auto join = [](__m512i a, __m512i b, __m512i c, __m512i d) MINNOW_INLINED {
    const __m512i low = _mm512_mask_blend_epi8(0x2222222222222222, a, b);
    const __m512i high = _mm512_mask_blend_epi8(0x8888888888888888, c, d);
    return _mm512_mask_blend_epi16(0xaaaaaaaa, low, high);
  };
  const auto right = [&](int j, unsigned bits) MINNOW_INLINED { return _mm512_srli_epi32(u[j], bits); };
  const auto left = [&](int j, unsigned bits) MINNOW_INLINED { return _mm512_slli_epi32(u[j], bits); };
  _mm512_storeu_si512(to, join(right(0, 16), right(1, 8), u[2], left(3, 8)));
  _mm512_storeu_si512(to + stride, join(right(0, 8), u[1], left(2, 8), left(3, 16)));
  _mm512_storeu_si512(to + 2 * stride, join(u[0], left(1, 8), left(2, 16), left(3, 24)));
}

/// Where pixels come from: blocks of 16 channels, `block` floats apart. The lanes after the last channel hold anything.
struct PixelSource {
  const float* x = nullptr;
  Index block = 0, channels = 0;

  /// Four blocks of 16 channels of the pixel at x + offset: a plane, with zeros after the last channel.
  MINNOW_INLINE void load(Index offset, Index plane, __m512 (&v)[4]) const {
    const float* from = x + offset + plane * 4 * block;
    const Index left = channels - plane * kDigitDepth;
    if (left >= kDigitDepth) {
      unroll<4>([&](auto j) MINNOW_INLINED { v[j] = _mm512_loadu_ps(from + j * block); });
    } else {
      unroll<4>([&](auto j) MINNOW_INLINED {
        const Index n = left - j * 16;
        const auto mask = static_cast<__mmask16>(n >= 16 ? 0xffff : n > 0 ? (1 << n) - 1 : 0);
        v[j] = _mm512_maskz_loadu_ps(mask, from + j * block);
      });
    }
  }
  /// The largest of each lane of a plane, as integers, which puts NaN and infinity above all numbers.
  MINNOW_INLINE __m512i most(Index offset, Index plane, __m512i most) const {
    const __m512i absolute = _mm512_set1_epi32(0x7fffffff);
    __m512 v[4];
    load(offset, plane, v);
    unroll<4>([&](auto j) { most = _mm512_max_epu32(most, _mm512_and_si512(_mm512_castps_si512(v[j]), absolute)); });
    return most;
  }
  /// A plane in digits: of each digit, byte 4 l + j is lane l of the plane's block j.
  MINNOW_INLINE void split(Index offset, Index plane, __m512 inverse, std::byte* to) const {
    __m512 v[4];
    load(offset, plane, v);
    unroll<4>([&](auto j) { v[j] = _mm512_mul_ps(v[j], inverse); });
    store_digits(v, to, kRowBytes);
  }
};

/// What a core does beside the products of tiles, which take 16 cycles each and none of what vectors use: it splits the
/// pixels that come next, and makes outputs of the sums that came before. A bit of each is done at each turn.
struct SideWork {
  PixelSource source;
  const Index* in = nullptr;     // offsets in x of the pixels that remain
  float* pixel_scale = nullptr;  // of the pixels that remain
  std::byte* staged = nullptr;   // [planes][pixels]
  Index planes = 0, plane_bytes = 0;
  Index plane = 0;  // the next of a pixel
  Index unstaged = 0, staged_a_turn = 0;
  __m512i most = _mm512_setzero_si512();  // of the pixel after that
  __m512 inverse = _mm512_setzero_ps();

  const std::int32_t* sums = nullptr;  // [pixels][digits][16]
  const float* sums_scale = nullptr;   // of each pixel
  const Index* out = nullptr;          // of each pixel in y, or less than zero where nobody wants it
  Index pixels = 0, pixels_a_turn = 0;
  __m512 weight_scale, bias;
  __m512 lo, hi;
  const float* residual = nullptr;
  float* y = nullptr;
  Index next = 0;  // from here to the outputs that come after these

  const std::byte* ahead = nullptr;  // weights to be prefetched
  Index lines = 0, lines_a_turn = 0;

  /// Starts with the pixels at source.x + in[0], ..., in[pixels - 1].
  void stage(Index count) {
    unstaged = planes * count;
    plane = 0;
    most = _mm512_setzero_si512();
    for (Index i = 0; i < planes; ++i) most = source.most(*in, i, most);
    next_scale();
  }
  MINNOW_INLINE void next_scale() {
    const DigitScale scale(largest_of(most));
    *pixel_scale++ = scale.value;
    inverse = _mm512_set1_ps(scale.inverse);
    most = _mm512_setzero_si512();
  }
  /// A plane of a pixel, and a look at the same of the next.
  MINNOW_INLINE void stage_turn() {
    const bool last = unstaged <= planes;
    if (!last) {
      unroll<4>([&](auto j) { __builtin_prefetch(source.x + *in + (plane * 4 + j) * source.block + 128); });
      most = source.most(in[1], plane, most);
    }
    source.split(*in, plane, inverse, staged + plane * plane_bytes);
    if (++plane == planes) {
      plane = 0;
      ++in;
      staged += kPixelBytes;
      if (!last) next_scale();
    }
    --unstaged;
  }
  MINNOW_INLINE void finish_pixel() {
    const Index at = *out++;
    const float scale = *sums_scale++;
    if (at >= 0) {
      const auto sum = [&](int digit) { return _mm512_cvtepi32_ps(_mm512_loadu_si512(sums + digit * 16)); };
      const __m512 digit = _mm512_set1_ps(1.0f / 256);
      __m512 v = _mm512_fmadd_ps(_mm512_fmadd_ps(sum(2), digit, sum(1)), digit, sum(0));
      v = _mm512_fmadd_ps(_mm512_mul_ps(v, _mm512_set1_ps(scale)), weight_scale, bias);
      if (residual) {
        v = _mm512_add_ps(v, _mm512_loadu_ps(residual + at));
        __builtin_prefetch(residual + at + next);
      }
      __builtin_prefetch(y + at + next, 1);
      _mm512_storeu_ps(y + at, _mm512_min_ps(hi, _mm512_max_ps(lo, v)));  // a NaN stays
    }
    sums += kSums;
    --pixels;
  }
  MINNOW_INLINE void prefetch_turn() {
    for (Index i = smaller(lines, lines_a_turn); i > 0; --i, --lines, ahead += kLineBytes) {
      __builtin_prefetch(ahead, 0, 2);
    }
  }
  [[gnu::noinline]] void turn() {
    prefetch_turn();
    for (Index i = smaller(unstaged, staged_a_turn); i > 0; --i) stage_turn();
    for (Index i = smaller(pixels, pixels_a_turn); i > 0; --i) finish_pixel();
  }
  void stage_all() {
    while (unstaged > 0) prefetch_turn(), stage_turn();
  }
  void finish_all() {
    while (pixels > 0) finish_pixel();
  }
};
/// Turns of side work for each plane.
constexpr Index kSideTurns = 6;

/// Some pixels times the weights of a block of output channels.
struct DigitProduct {
  const std::byte* pixels;  // the first pixel in the first plane
  Index planes, plane_bytes;
  Index taps;
  const Index* tap;          // offsets in bytes
  const std::byte* weights;  // [planes][taps][digits] tiles
  std::int32_t* sums;        // [pixels][digits][16]
  std::int32_t* nowhere;     // a tile
};

// Tile registers are named by literals: sums are 0 to 2 and 3 to 5, pixels 6, weights 7.
#define MINNOW_PIXELS(tile, digit) _tile_loadd(6, x + (tile)*kTileRows * kPixelBytes + (digit)*kRowBytes, kPixelBytes);
#define MINNOW_WEIGHTS(digit) _tile_loadd(7, w + (digit)*kTileBytes, kRowBytes);
#define MINNOW_FIRST(sum) _tile_dpbssd(sum, 6, 7);
#define MINNOW_SECOND(digit, sum) \
  if constexpr (P == 2) {         \
    MINNOW_PIXELS(1, digit)       \
    _tile_dpbssd(sum, 6, 7);      \
  }                               \
  work.turn();

/// P tiles of pixels times a block.
template <int P>
MINNOW_INLINE void multiply_digits(const DigitProduct& t, SideWork& work) {
  asm volatile("" ::: "memory");  // the intrinsics do not say that they read memory
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  if constexpr (P == 2) {
    _tile_zero(3);
    _tile_zero(4);
    _tile_zero(5);
  }
  const std::byte* plane = t.pixels;
  const std::byte* w = t.weights;
  Index step = 0;
  for (Index i = 0; i < t.planes; ++i, plane += t.plane_bytes) {
    for (Index k = 0; k < t.taps; ++k, w += kStepBytes) {
      // On Granite Rapids, who has stored no tile for 0.6 us waits 0.2 us for the next to be stored.
      if (++step % 4 == 0) _tile_stored(6, t.nowhere, kRowBytes);
      const std::byte* x = plane + t.tap[k];
      MINNOW_PIXELS(0, 0)
      MINNOW_WEIGHTS(2)
      MINNOW_FIRST(2)
      MINNOW_SECOND(0, 5)
      MINNOW_WEIGHTS(1)
      MINNOW_PIXELS(0, 0)
      MINNOW_FIRST(1)
      MINNOW_SECOND(0, 4)
      MINNOW_PIXELS(0, 1)
      MINNOW_FIRST(2)
      MINNOW_SECOND(1, 5)
      MINNOW_WEIGHTS(0)
      MINNOW_PIXELS(0, 1)
      MINNOW_FIRST(1)
      MINNOW_SECOND(1, 4)
      MINNOW_PIXELS(0, 0)
      MINNOW_FIRST(0)
      MINNOW_SECOND(0, 3)
      MINNOW_PIXELS(0, 2)
      MINNOW_FIRST(2)
      MINNOW_SECOND(2, 5)
    }
  }
  constexpr Index stride = kSums * 4;
  _tile_stored(0, t.sums, stride);
  _tile_stored(1, t.sums + 16, stride);
  _tile_stored(2, t.sums + 32, stride);
  if constexpr (P == 2) {
    _tile_stored(3, t.sums + kTileRows * kSums, stride);
    _tile_stored(4, t.sums + kTileRows * kSums + 16, stride);
    _tile_stored(5, t.sums + kTileRows * kSums + 32, stride);
  }
}

#undef MINNOW_PIXELS
#undef MINNOW_WEIGHTS
#undef MINNOW_FIRST
#undef MINNOW_SECOND

}  // namespace
}  // namespace minnow::kernels
