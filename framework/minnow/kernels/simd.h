#pragma once

// The one header that includes xsimd. It gives the kernels short names and hides what differs between xsimd's versions
// and instruction sets. Everything has internal linkage: objects for different instruction sets share nothing.

#include <cstddef>
#include <cstdint>
#include <limits>
#include <xsimd/xsimd.hpp>

#define MINNOW_INLINE [[gnu::always_inline]] inline
#define MINNOW_INLINED __attribute__((always_inline))

namespace minnow::kernels {
namespace {

using Index = std::int64_t;

constexpr Index ceil_div(Index a, Index b) { return a / b + (a % b != 0 ? 1 : 0); }
constexpr Index round_up(Index n, Index to) { return (n + to - 1) / to * to; }
constexpr Index smaller(Index a, Index b) { return a < b ? a : b; }
constexpr Index larger(Index a, Index b) { return a > b ? a : b; }

/// A vector of floats of the architecture A, and the answer of a comparison of two such vectors.
template <class A>
using Vec = xsimd::batch<float, A>;
template <class A>
using Mask = xsimd::batch_bool<float, A>;

/// Floats per vector.
template <class A>
constexpr int kWidth = static_cast<int>(Vec<A>::size);

/// Vector registers of the architecture: what a tile of accumulators has to fit into.
template <class A>
constexpr int kRegisters = 16;
#if defined(__AVX512F__)
template <>
constexpr int kRegisters<xsimd::avx512bw> = 32;
#elif defined(__aarch64__)
template <>
constexpr int kRegisters<xsimd::neon64> = 32;
#endif

template <int I>
struct Constant {
  constexpr operator int() const { return I; }
};
template <int... I, class F>
MINNOW_INLINE constexpr void unroll(std::integer_sequence<int, I...>, const F& f) {  // which comes with xsimd
  (f(Constant<I>{}), ...);
}
/// f(0), ..., f(N - 1), each a call of its own with a compile-time number: an array indexed by them lives in registers.
/// (Not by recursion, in which the compiler inlines the last call N times.) Where kernels are many, f takes an `int`
/// and is MINNOW_INLINED: an `auto`, which can be a template's argument, is a function for each number and takes half
/// as long again to compile.
template <int N, class F>
MINNOW_INLINE constexpr void unroll(const F& f) {
  unroll(std::make_integer_sequence<int, N>{}, f);
}

template <class A>
MINNOW_INLINE Vec<A> load(const float* p) {
  return Vec<A>::load_unaligned(p);
}

/// The same, held in a register: where they are scarce, the compiler would rather load anew for each use.
template <class A>
MINNOW_INLINE Vec<A> load_once(const float* p) {
  auto v = load<A>(p).data;
#if defined(MINNOW_EMULATED)  // no register is as wide
#elif defined(__AVX512F__)
  asm("" : "+v"(v));
#elif defined(__x86_64__)
  asm("" : "+x"(v));
#endif
  return v;
}

MINNOW_INLINE void copy_floats(const float* from, float* to, Index n) {
  __builtin_memcpy(to, from, static_cast<std::size_t>(n) * sizeof(float));
}
MINNOW_INLINE void zero_floats(float* to, Index n) {
  __builtin_memset(to, 0, static_cast<std::size_t>(n) * sizeof(float));
}

template <class A>
MINNOW_INLINE void store(float* p, Vec<A> v) {
  v.store_unaligned(p);
}

/// The first n < kWidth floats at p, zeros after them; reads nothing beyond them.
template <class A>
MINNOW_INLINE Vec<A> load_first(const float* p, Index n) {
#if defined(__AVX512F__)
  if constexpr (kWidth<A> == 16) return _mm512_maskz_loadu_ps(static_cast<__mmask16>((1u << n) - 1u), p);
#elif defined(__AVX2__)
  static constexpr std::int32_t kOnes[16] = {-1, -1, -1, -1, -1, -1, -1, -1};
  if constexpr (kWidth<A> == 8) {
    return _mm256_maskload_ps(p, _mm256_loadu_si256(reinterpret_cast<const __m256i*>(kOnes + 8 - n)));
  }
#endif
  float lanes[kWidth<A>] = {};
  for (Index i = 0; i < n; ++i) lanes[i] = p[i];
  return load<A>(lanes);
}

/// Writes the first n < kWidth floats of v to p, and nothing beyond them.
template <class A>
MINNOW_INLINE void store_first(float* p, Vec<A> v, Index n) {
#if defined(__AVX512F__)
  if constexpr (kWidth<A> == 16) {
    _mm512_mask_storeu_ps(p, static_cast<__mmask16>((1u << n) - 1u), v);
    return;
  }
#elif defined(__AVX2__)
  static constexpr std::int32_t kOnes[16] = {-1, -1, -1, -1, -1, -1, -1, -1};
  if constexpr (kWidth<A> == 8) {
    _mm256_maskstore_ps(p, _mm256_loadu_si256(reinterpret_cast<const __m256i*>(kOnes + 8 - n)), v);
    return;
  }
#endif
  float lanes[kWidth<A>];
  store<A>(lanes, v);
  for (Index i = 0; i < n; ++i) p[i] = lanes[i];
}

/// kWidth floats at p, p + step, p + 2 * step, ...; reads nothing beyond the last.
template <class A>
MINNOW_INLINE Vec<A> load_every(const float* p, Index step) {
  constexpr int W = kWidth<A>;
  if (step == 1) return load<A>(p);
  if (step == 2) {
    const Vec<A> low = load<A>(p), high = load<A>(p + W - 1);  // wanted: low's even lanes, high's odd ones
#if defined(__AVX512F__)
    const __m512i lanes = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 17, 19, 21, 23, 25, 27, 29, 31);
    return _mm512_permutex2var_ps(low, lanes, high);
#elif defined(__AVX2__)
    const __m256 mixed = _mm256_shuffle_ps(low, high, _MM_SHUFFLE(3, 1, 2, 0));
    return _mm256_castpd_ps(_mm256_permute4x64_pd(_mm256_castps_pd(mixed), _MM_SHUFFLE(3, 1, 2, 0)));
#elif defined(__SSE2__)
    return _mm_shuffle_ps(low, high, _MM_SHUFFLE(3, 1, 2, 0));
#elif defined(__aarch64__)
    return vuzp1q_f32(low, vextq_f32(high, high, 1));
#endif
  }
  float lanes[W];
  for (int i = 0; i < W; ++i) lanes[i] = p[i * step];
  return load<A>(lanes);
}

/// The architecture of four floats that every object has besides its own.
#if defined(__aarch64__)
using Quad = xsimd::neon64;
#else
using Quad = xsimd::sse2;
#endif

/// a * b + c, rounded once where the hardware can.
template <class A>
MINNOW_INLINE Vec<A> fma(Vec<A> a, Vec<A> b, Vec<A> c) {
#if defined(__AVX512F__)
  if constexpr (kWidth<A> == 16) return _mm512_fmadd_ps(a, b, c);
#elif defined(__aarch64__)
  if constexpr (kWidth<A> == 4) return vfmaq_f32(c, a, b);
#endif
  return xsimd::fma(a, b, c);
}

/// sum += a * b, in the sum's own register: where they are scarce, g++ lets the sum wander and then moves it back.
template <class A>
MINNOW_INLINE void add_product(Vec<A>& sum, Vec<A> a, Vec<A> b) {
#if defined(__AVX2__) && !defined(__AVX512F__)
  if constexpr (kWidth<A> == 8) {
    auto to = sum.data;
    asm("vfmadd231ps %2, %1, %0" : "+x"(to) : "x"(a.data), "x"(b.data));
    sum = to;
    return;
  }
#endif
  sum = fma<A>(a, b, sum);
}

/// a / b. (On neon64, xsimd 8 refines an estimate, which is not always the nearest float.)
template <class A>
MINNOW_INLINE Vec<A> divide(Vec<A> a, Vec<A> b) {
#if defined(__aarch64__)
  return vdivq_f32(a, b);
#else
  return a / b;
#endif
}

/// The sum of the lanes.
template <class A>
MINNOW_INLINE float sum(Vec<A> v) {
#if XSIMD_VERSION_MAJOR >= 9
  return xsimd::reduce_add(v);
#else
  return xsimd::hadd(v);
#endif
}

/// Which lanes are NaN. (`x != x` is no substitute: xsimd 8 compares it ordered on AVX.)
template <class A>
MINNOW_INLINE Mask<A> is_nan(Vec<A> x) {
  return xsimd::isnan(x);
}

/// v between lo and hi. In this order a NaN stays.
template <class A>
MINNOW_INLINE Vec<A> clamped(Vec<A> v, Vec<A> lo, Vec<A> hi) {
  return xsimd::min(hi, xsimd::max(lo, v));
}

/// Lane by lane torch's maximum: b where it is greater or NaN, else a. A NaN in either stays.
template <class A>
MINNOW_INLINE Vec<A> max_nan(Vec<A> a, Vec<A> b) {
#if defined(__x86_64__)  // whose maximum of b and a is a where one of them is NaN, or both are equal
  return xsimd::select(is_nan<A>(b), b, xsimd::max(b, a));
#else
  return xsimd::select((b > a) | is_nan<A>(b), b, a);
#endif
}

/// Lane by lane torch's minimum: b where it is less or NaN, else a.
template <class A>
MINNOW_INLINE Vec<A> min_nan(Vec<A> a, Vec<A> b) {
#if defined(__x86_64__)
  return xsimd::select(is_nan<A>(b), b, xsimd::min(b, a));
#else
  return xsimd::select((b < a) | is_nan<A>(b), b, a);
#endif
}

/// max(x, 0) that keeps NaN and -0.0, as torch's relu does.
template <class A>
MINNOW_INLINE Vec<A> relu(Vec<A> x) {
  return xsimd::select(x < Vec<A>(0.0f), Vec<A>(0.0f), x);
}

}  // namespace
}  // namespace minnow::kernels
