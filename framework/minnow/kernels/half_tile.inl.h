#pragma once

#include <minnow/kernels/conv_tile.inl.h>

// Tiles of a vector and a half of output channels, as 24 are with AVX-512: the halves of two neighbouring pixels make
// one vector, so two pixels take three multiply-adds a channel instead of four. Zen puts pixels together beside its
// multiply-adds; on cores that do either at a time nothing would be won.

namespace minnow::kernels {
namespace {

#if defined(__AVX512F__)
/// Two times eight floats, as the halves of a vector.
template <class A>
MINNOW_INLINE Vec<A> load_halves(const float* low, const float* high) {
  return _mm512_insertf32x8(_mm512_castps256_ps512(_mm256_loadu_ps(low)), _mm256_loadu_ps(high), 1);
}
template <class A>
MINNOW_INLINE void store_halves(float* low, float* high, Vec<A> v) {
  _mm256_storeu_ps(high, _mm512_extractf32x8_ps(v, 1));
  _mm256_storeu_ps(low, _mm512_castps512_ps256(v));
}
/// The low half of one vector and the high half of another.
template <class A>
MINNOW_INLINE Vec<A> low_and_high(Vec<A> low, Vec<A> high) {
  return _mm512_mask_blend_ps(0xff00, low, high);
}

/// A pixel beyond the last of an odd number is the last one again. (It writes an output, and adds no partial sums.)
template <class A, int X, int P>
void half_tile(const ConvTile& t) {
  constexpr int C = kWidth<A>, H = (P + 1) / 2;
  constexpr auto other = [](int low) { return low + 1 < P ? low + 1 : low; };
  Vec<A> whole[P][1], halves[H];
  prefetch_output<A, P, 2>(t);
  start_tile<A, P, 1>(t, whole);
  const Vec<A> bias = t.bias ? load_halves<A>(t.bias + C, t.bias + C) : Vec<A>(0.0f);
  unroll<H>([&](auto h) { halves[h] = bias; });
  const float *w = t.w, *next = t.next ? t.next : t.w, *plane = t.x;
  const Index w_block = t.w_block, next_block = t.next_block, next_step = t.next_step;
  const bool streams = next_step >= C;
  for (Index i = 0; i < t.planes; ++i, plane += t.plane_stride) {
    const Index channels = i + 1 < t.planes ? X : t.tail;
    for (Index k = 0; k < t.taps; ++k) {
      const float *x = plane + t.tap[k], *ahead = x + t.plane_stride;
      for (const float* end = x + channels; x < end; ++x, w += C, ahead += kLine, next += next_step) {
        prefetch_weights<A, 2>(next, next_block, w, w_block, C, next_step, streams);
        __builtin_prefetch(ahead);
        const Vec<A> weight = load<A>(w), half = load_halves<A>(w + w_block, w + w_block);
        unroll<H>([&](auto h) {
          constexpr int low = 2 * h, high = other(low);
          const Vec<A> first(x[low * X]), second(x[high * X]);
          whole[low][0] = fma<A>(first, weight, whole[low][0]);
          if constexpr (high > low) whole[high][0] = fma<A>(second, weight, whole[high][0]);
          halves[h] = fma<A>(low_and_high<A>(first, second), half, halves[h]);
        });
      }
    }
  }
  store_tile<A, P, 1>(t, whole);
  const Vec<A> lo(t.lo), hi(t.hi);
  unroll<H>([&](auto h) {
    const Index low = t.y_block + 2 * h * C, high = t.y_block + other(2 * h) * C;
    if (t.residual) halves[h] += load_halves<A>(t.residual + low, t.residual + high);
    store_halves<A>(t.y + low, t.y + high, clamped<A>(halves[h], lo, hi));
  });
}

template <class A, int X>
constexpr TileFunctions kHalfTiles = [] {
  TileFunctions f{.most = 16, .vectors = 2, .channels = X, .turn = 1};
  unroll<16>([&](auto p) {
    if constexpr (p < 7) {  // few pixels, for which it does not matter
      f.of_pixels[p] = conv_tile<A, X, p + 1, 2>;
    } else {
      f.of_pixels[p] = half_tile<A, X, p + 1>;
    }
  });
  return f;
}();
#endif

/// The tiles of `vectors` blocks of output channels, the last of which holds `rest` of them, or more than a block.
template <class A, int X>
const TileFunctions& tiles_of_channels(Index vectors, [[maybe_unused]] Index rest) {
#if defined(__AVX512F__)
  if constexpr (X > 1) {
    if (vectors == 2 && rest <= kWidth<A> / 2 && core() != Core::other) return kHalfTiles<A, X>;
  }
#endif
  return conv_tiles<A, X>(vectors);
}

}  // namespace
}  // namespace minnow::kernels
