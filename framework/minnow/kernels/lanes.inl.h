#pragma once

#include <minnow/kernels/simd.h>

// What exchanges the lanes of vectors.

namespace minnow::kernels {
namespace {

/// The even lanes of two vectors, and their odd ones, 128 bits of each vector at a time: of a0 a1 a2 a3 | a4 ... and
/// b0 b1 b2 b3 | b4 ... these are a0 a2 b0 b2 | a4 ... and a1 a3 b1 b3 | a5 ...
template <class A>
MINNOW_INLINE Vec<A> evens(Vec<A> a, Vec<A> b) {
#if defined(__AVX512F__)
  return _mm512_shuffle_ps(a, b, _MM_SHUFFLE(2, 0, 2, 0));
#elif defined(__AVX2__)
  return _mm256_shuffle_ps(a, b, _MM_SHUFFLE(2, 0, 2, 0));
#elif defined(__SSE2__)
  return _mm_shuffle_ps(a, b, _MM_SHUFFLE(2, 0, 2, 0));
#elif defined(__aarch64__)
  return vuzp1q_f32(a, b);
#endif
}
template <class A>
MINNOW_INLINE Vec<A> odds(Vec<A> a, Vec<A> b) {
#if defined(__AVX512F__)
  return _mm512_shuffle_ps(a, b, _MM_SHUFFLE(3, 1, 3, 1));
#elif defined(__AVX2__)
  return _mm256_shuffle_ps(a, b, _MM_SHUFFLE(3, 1, 3, 1));
#elif defined(__SSE2__)
  return _mm_shuffle_ps(a, b, _MM_SHUFFLE(3, 1, 3, 1));
#elif defined(__aarch64__)
  return vuzp2q_f32(a, b);
#endif
}

/// Lanes in runs of `Run` (1 or 2), the runs of 128 bits side by side, as evens and odds leave them: all first ones in
/// front, then all second ones, and so on.
template <class A, int Run>
MINNOW_INLINE Vec<A> gather_runs(Vec<A> v) {
#if defined(__AVX512F__)
  if constexpr (Run == 2) {
    const __m512i lanes = _mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7);
    return _mm512_castpd_ps(_mm512_permutexvar_pd(lanes, _mm512_castps_pd(v)));
  } else {
    const __m512i lanes = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    return _mm512_permutexvar_ps(lanes, v);
  }
#elif defined(__AVX2__)
  if constexpr (Run == 2) {
    return _mm256_castpd_ps(_mm256_permute4x64_pd(_mm256_castps_pd(v), _MM_SHUFFLE(3, 1, 2, 0)));
  } else {
    return _mm256_permutevar8x32_ps(v, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
  }
#else
  return v;
#endif
}

/// Rows become columns.
MINNOW_INLINE void transpose4(Vec<Quad> (&v)[4]) {
  const Vec<Quad> even_low = xsimd::zip_lo(v[0], v[2]), odd_low = xsimd::zip_lo(v[1], v[3]);
  const Vec<Quad> even_high = xsimd::zip_hi(v[0], v[2]), odd_high = xsimd::zip_hi(v[1], v[3]);
  v[0] = xsimd::zip_lo(even_low, odd_low);
  v[1] = xsimd::zip_hi(even_low, odd_low);
  v[2] = xsimd::zip_lo(even_high, odd_high);
  v[3] = xsimd::zip_hi(even_high, odd_high);
}

/// The even ones of the 128-bit parts of two vectors, and their odd ones: of a0 a1 .. and b0 b1 .. these are
/// a0 a2 .. b0 b2 .. and a1 a3 .. b1 b3 ..; vectors of one part stay as they are.
template <class A>
MINNOW_INLINE Vec<A> even_parts(Vec<A> a, [[maybe_unused]] Vec<A> b) {
#if defined(__AVX512F__)
  if constexpr (kWidth<A> == 16) return _mm512_shuffle_f32x4(a, b, _MM_SHUFFLE(2, 0, 2, 0));
#elif defined(__AVX2__)
  if constexpr (kWidth<A> == 8) return _mm256_permute2f128_ps(a, b, 0x20);
#endif
  return a;
}
template <class A>
MINNOW_INLINE Vec<A> odd_parts([[maybe_unused]] Vec<A> a, Vec<A> b) {
#if defined(__AVX512F__)
  if constexpr (kWidth<A> == 16) return _mm512_shuffle_f32x4(a, b, _MM_SHUFFLE(3, 1, 3, 1));
#elif defined(__AVX2__)
  if constexpr (kWidth<A> == 8) return _mm256_permute2f128_ps(a, b, 0x31);
#endif
  return b;
}

/// What `join`, a function of two vectors, makes of the lanes of each of kWidth vectors, which are used up: lane i is
/// that of the i-th.
template <class A, class Join>
MINNOW_INLINE Vec<A> joined(Vec<A> (&v)[kWidth<A>], const Join& join) {
  constexpr int W = kWidth<A>;
  const auto halve = [&](auto i) { v[i] = join(evens<A>(v[2 * i], v[2 * i + 1]), odds<A>(v[2 * i], v[2 * i + 1])); };
  unroll<W / 2>(halve);
  unroll<W / 4>(halve);  // four vectors are one now, a part of each side by side
  const auto halve_parts = [&](auto i) {
    v[i] = join(even_parts<A>(v[2 * i], v[2 * i + 1]), odd_parts<A>(v[2 * i], v[2 * i + 1]));
  };
  unroll<W / 8>(halve_parts);
  unroll<W / 16>(halve_parts);
  return v[0];
}

/// Lane l becomes lane (l xor i), for i < kWidth / 2: of eight lanes, none leaves its half.
template <class A>
class XorLanes {
 public:
#if defined(__AVX512F__)
  explicit XorLanes(Index i)
      : lanes_(_mm512_xor_si512(_mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15),
                                _mm512_set1_epi32(static_cast<int>(i)))) {}
  MINNOW_INLINE Vec<A> operator()(Vec<A> v) const { return _mm512_permutexvar_ps(lanes_, v); }

 private:
  __m512i lanes_;
#elif defined(__AVX2__)
  explicit XorLanes(Index i)
      : lanes_(_mm256_xor_si256(_mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7), _mm256_set1_epi32(static_cast<int>(i)))) {}
  MINNOW_INLINE Vec<A> operator()(Vec<A> v) const { return _mm256_permutevar_ps(v, lanes_); }

 private:
  __m256i lanes_;
#else
  explicit XorLanes(Index i) : i_(i) {}
  MINNOW_INLINE Vec<A> operator()(Vec<A> v) const {
    const auto lanes = static_cast<typename Vec<A>::register_type>(v);
    return i_ == 0 ? v : Vec<A>(__builtin_shufflevector(lanes, lanes, 1, 0, 3, 2));
  }

 private:
  Index i_;
#endif
};

/// The lanes before those that are `wanted`, and zero in the others: lane l becomes lane l - 1 of v, and the first one
/// the last of `before`.
template <class A>
MINNOW_INLINE Vec<A> previous_lanes(Mask<A> wanted, Vec<A> v, Vec<A> before) {
#if defined(__AVX512F__)
  return _mm512_castsi512_ps(
      _mm512_maskz_alignr_epi32(wanted, _mm512_castps_si512(v), _mm512_castps_si512(before), 15));
#else
#if defined(__AVX2__)
  const __m256i lanes = _mm256_setr_epi32(7, 0, 1, 2, 3, 4, 5, 6);
  const Vec<A> all = _mm256_blend_ps(_mm256_permutevar8x32_ps(v, lanes), _mm256_permutevar8x32_ps(before, lanes), 1);
#elif defined(__SSE2__)
  const Vec<A> all = _mm_move_ss(_mm_shuffle_ps(v, v, _MM_SHUFFLE(2, 1, 0, 3)),
                                 _mm_shuffle_ps(before, before, _MM_SHUFFLE(3, 3, 3, 3)));
#elif defined(__aarch64__)
  const Vec<A> all = vextq_f32(before, v, 3);
#endif
  return xsimd::select(wanted, all, Vec<A>(0.0f));
#endif
}

}  // namespace
}  // namespace minnow::kernels
