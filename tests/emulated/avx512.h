#pragma once

// AVX-512 for a machine that has AVX2 alone: what the preset `emulated` puts in front of the kernels of AVX-512 and
// AMX. Of the compiler's intrinsics it takes those up to AVX2, and writes those of AVX-512 out that the kernels and
// xsimd ask for, in vectors that the compiler takes apart. Masked ones touch the memory of their lanes alone, as the
// processor does. After Intel's Intrinsics Guide.

#define _IMMINTRIN_H_INCLUDED  // stands for g++'s <immintrin.h>, and the next for clang++'s
#define __IMMINTRIN_H
#include <nmmintrin.h>

#include <avxintrin.h>

#include <avx2intrin.h>
#include <fmaintrin.h>

#define MINNOW_EMULATED
#define __AVX512F__ 1
#define __AVX512CD__ 1
#define __AVX512DQ__ 1
#define __AVX512BW__ 1
#define __AVX512VL__ 1

typedef float __m512 __attribute__((vector_size(64), may_alias));
typedef double __m512d __attribute__((vector_size(64), may_alias));
typedef long long __m512i __attribute__((vector_size(64), may_alias));
typedef unsigned char __v64qu __attribute__((vector_size(64)));
typedef char __v64qi __attribute__((vector_size(64)));
typedef unsigned short __v32hu __attribute__((vector_size(64)));
typedef short __v32hi __attribute__((vector_size(64)));
typedef unsigned char __mmask8;
typedef unsigned short __mmask16;
typedef unsigned __mmask32;
typedef unsigned long long __mmask64;

enum : int { _MM_CMPINT_EQ, _MM_CMPINT_LT, _MM_CMPINT_LE, _MM_CMPINT_NE = 4, _MM_CMPINT_GE, _MM_CMPINT_GT };

#define EMULATED [[gnu::always_inline]] static inline

namespace emulated {

template <class T>
struct Lanes {
  static constexpr int count = 64 / static_cast<int>(sizeof(T));
  typedef T Vector __attribute__((vector_size(64), may_alias));
};
template <class T>
using Vector = typename Lanes<T>::Vector;

/// A vector whose lane i is f(i).
template <class T, class F>
EMULATED Vector<T> lanes(const F& f) {
  Vector<T> v{};
  for (int i = 0; i < Lanes<T>::count; ++i) v[i] = f(i);
  return v;
}

/// The bits i for which f(i) holds.
template <int N, class F>
EMULATED unsigned long long bits(const F& f) {
  unsigned long long mask = 0;
  for (int i = 0; i < N; ++i) mask |= (f(i) ? 1ull : 0ull) << i;
  return mask;
}

/// One of the six comparisons of integers.
template <class T>
EMULATED unsigned long long compare(__m512i a, __m512i b, int how) {
  const Vector<T> x = (Vector<T>)a, y = (Vector<T>)b;
  return bits<Lanes<T>::count>([&](int i) {
    switch (how & 3) {
      case 0:
        return (x[i] == y[i]) != (how > 3);
      case 1:
        return (x[i] < y[i]) != (how > 3);
      default:
        return (x[i] <= y[i]) != (how > 3);
    }
  });
}

/// The half i of a vector, and a vector of two halves.
template <class Half, class V>
EMULATED Half half(V v, int i) {
  Half part;
  __builtin_memcpy(&part, reinterpret_cast<const char*>(&v) + 32 * i, 32);
  return part;
}
template <class V, class Half>
EMULATED V joined(Half low, Half high) {
  V v;
  __builtin_memcpy(&v, &low, 32);
  __builtin_memcpy(reinterpret_cast<char*>(&v) + 32, &high, 32);
  return v;
}
template <class V, class Half>
EMULATED V insert(V v, Half part, int i) {
  return i == 0 ? joined<V>(part, half<Half>(v, 1)) : joined<V>(half<Half>(v, 0), part);
}

}  // namespace emulated

// What bits are taken for.
EMULATED __m512 _mm512_castpd_ps(__m512d v) { return (__m512)v; }
EMULATED __m512d _mm512_castps_pd(__m512 v) { return (__m512d)v; }
EMULATED __m512i _mm512_castps_si512(__m512 v) { return (__m512i)v; }
EMULATED __m512 _mm512_castsi512_ps(__m512i v) { return (__m512)v; }

// Halves. (What a wider vector has beside its lower half is undefined.)
EMULATED __m256 _mm512_castps512_ps256(__m512 v) { return emulated::half<__m256>(v, 0); }
EMULATED __m256d _mm512_castpd512_pd256(__m512d v) { return emulated::half<__m256d>(v, 0); }
EMULATED __m256i _mm512_castsi512_si256(__m512i v) { return emulated::half<__m256i>(v, 0); }
EMULATED __m512 _mm512_castps256_ps512(__m256 v) { return emulated::joined<__m512>(v, v); }
EMULATED __m512d _mm512_castpd256_pd512(__m256d v) { return emulated::joined<__m512d>(v, v); }
EMULATED __m512i _mm512_castsi256_si512(__m256i v) { return emulated::joined<__m512i>(v, v); }
EMULATED __m256 _mm512_extractf32x8_ps(__m512 v, int i) { return emulated::half<__m256>(v, i); }
EMULATED __m256d _mm512_extractf64x4_pd(__m512d v, int i) { return emulated::half<__m256d>(v, i); }
EMULATED __m256i _mm512_extracti64x4_epi64(__m512i v, int i) { return emulated::half<__m256i>(v, i); }
EMULATED __m512 _mm512_insertf32x8(__m512 v, __m256 part, int i) { return emulated::insert(v, part, i); }
EMULATED __m512d _mm512_insertf64x4(__m512d v, __m256d part, int i) { return emulated::insert(v, part, i); }
EMULATED __m512i _mm512_inserti64x4(__m512i v, __m256i part, int i) { return emulated::insert(v, part, i); }

// Constants.
EMULATED __m512 _mm512_setzero_ps() { return __m512{}; }
EMULATED __m512i _mm512_setzero_si512() { return __m512i{}; }
EMULATED __m512 _mm512_set1_ps(float x) { return x - __m512{}; }  // which keeps -0
EMULATED __m512i _mm512_set1_epi8(char x) { return (__m512i)(emulated::Vector<char>{} + x); }
EMULATED __m512i _mm512_set1_epi16(short x) { return (__m512i)(emulated::Vector<short>{} + x); }
EMULATED __m512i _mm512_set1_epi32(int x) { return (__m512i)(emulated::Vector<int>{} + x); }
EMULATED __m512i _mm512_set1_epi64(long long x) { return __m512i{} + x; }
template <class... T>
EMULATED __m512i _mm512_setr_epi32(T... x) {
  return (__m512i)emulated::Vector<int>{static_cast<int>(x)...};
}
template <class... T>
EMULATED __m512i _mm512_setr_epi64(T... x) {
  return __m512i{static_cast<long long>(x)...};
}
template <class... T>
EMULATED __m512 _mm512_setr_ps(T... x) {
  return __m512{static_cast<float>(x)...};
}

// Memory.
EMULATED __m512 _mm512_loadu_ps(const void* p) {
  __m512 v;
  __builtin_memcpy(&v, p, sizeof v);
  return v;
}
EMULATED __m512i _mm512_loadu_si512(const void* p) { return (__m512i)_mm512_loadu_ps(p); }
EMULATED void _mm512_storeu_ps(void* p, __m512 v) { __builtin_memcpy(p, &v, sizeof v); }
EMULATED void _mm512_storeu_si512(void* p, __m512i v) { __builtin_memcpy(p, &v, sizeof v); }
EMULATED __m512 _mm512_maskz_loadu_ps(__mmask16 mask, const void* p) {
  return emulated::lanes<float>([&](int i) { return mask >> i & 1 ? static_cast<const float*>(p)[i] : 0.0f; });
}
EMULATED void _mm512_mask_storeu_ps(void* p, __mmask16 mask, __m512 v) {
  for (int i = 0; i < 16; ++i) {
    if (mask >> i & 1) static_cast<float*>(p)[i] = v[i];
  }
}
EMULATED __m512 _mm512_mask_i32gather_ps(__m512 other, __mmask16 mask, __m512i at, const void* p, int scale) {
  const auto index = (emulated::Vector<int>)at;
  return emulated::lanes<float>([&](int i) {
    float x = other[i];
    if (mask >> i & 1) __builtin_memcpy(&x, static_cast<const char*>(p) + static_cast<long long>(index[i]) * scale, 4);
    return x;
  });
}

// Arithmetic of floats. Where one of the two is a NaN, or both are zero, the least and the greatest are the second.
EMULATED __m512 _mm512_add_ps(__m512 a, __m512 b) { return a + b; }
EMULATED __m512 _mm512_sub_ps(__m512 a, __m512 b) { return a - b; }
EMULATED __m512 _mm512_mul_ps(__m512 a, __m512 b) { return a * b; }
EMULATED __m512 _mm512_div_ps(__m512 a, __m512 b) { return a / b; }
EMULATED __m512 _mm512_min_ps(__m512 a, __m512 b) { return a < b ? a : b; }
EMULATED __m512 _mm512_max_ps(__m512 a, __m512 b) { return a > b ? a : b; }
EMULATED __m512 _mm512_abs_ps(__m512 v) { return (__m512)((emulated::Vector<int>)v & 0x7fffffff); }
EMULATED __m512 _mm512_sqrt_ps(__m512 v) {
  return emulated::joined<__m512>(_mm256_sqrt_ps(emulated::half<__m256>(v, 0)),
                                  _mm256_sqrt_ps(emulated::half<__m256>(v, 1)));
}
EMULATED __m512 _mm512_fmadd_ps(__m512 a, __m512 b, __m512 c) {
  const auto part = [&](int i) {
    return _mm256_fmadd_ps(emulated::half<__m256>(a, i), emulated::half<__m256>(b, i), emulated::half<__m256>(c, i));
  };
  return emulated::joined<__m512>(part(0), part(1));
}
EMULATED __m512 _mm512_roundscale_ps(__m512 v, int how) {
  return emulated::lanes<float>([&](int i) {
    switch (how & 3) {
      case 0:
        return __builtin_nearbyintf(v[i]);
      case 1:
        return __builtin_floorf(v[i]);
      case 2:
        return __builtin_ceilf(v[i]);
      default:
        return __builtin_truncf(v[i]);
    }
  });
}
EMULATED __m512 _mm512_roundscale_round_ps(__m512 v, int how, int) { return _mm512_roundscale_ps(v, how); }
EMULATED __m512 _mm512_cvtepi32_ps(__m512i v) { return __builtin_convertvector((emulated::Vector<int>)v, __m512); }
EMULATED __m512i _mm512_cvtps_epi32(__m512 v) {
  return emulated::joined<__m512i>(_mm256_cvtps_epi32(emulated::half<__m256>(v, 0)),
                                   _mm256_cvtps_epi32(emulated::half<__m256>(v, 1)));
}
EMULATED __m512i _mm512_cvttps_epi32(__m512 v) {
  return emulated::joined<__m512i>(_mm256_cvttps_epi32(emulated::half<__m256>(v, 0)),
                                   _mm256_cvttps_epi32(emulated::half<__m256>(v, 1)));
}

// Arithmetic of integers, which wraps around.
EMULATED __m512i _mm512_and_si512(__m512i a, __m512i b) { return a & b; }
EMULATED __m512i _mm512_and_epi32(__m512i a, __m512i b) { return a & b; }
EMULATED __m512i _mm512_andnot_si512(__m512i a, __m512i b) { return ~a & b; }
EMULATED __m512i _mm512_or_si512(__m512i a, __m512i b) { return a | b; }
EMULATED __m512i _mm512_xor_si512(__m512i a, __m512i b) { return a ^ b; }
#define EMULATED_BINARY(name, T, expression)    \
  EMULATED __m512i name(__m512i a, __m512i b) { \
    using V = emulated::Vector<T>;              \
    const V x = (V)a, y = (V)b;                 \
    return (__m512i)(expression);               \
  }
EMULATED_BINARY(_mm512_add_epi8, unsigned char, x + y)
EMULATED_BINARY(_mm512_add_epi16, unsigned short, x + y)
EMULATED_BINARY(_mm512_add_epi32, unsigned, x + y)
EMULATED_BINARY(_mm512_add_epi64, unsigned long long, x + y)
EMULATED_BINARY(_mm512_sub_epi8, unsigned char, x - y)
EMULATED_BINARY(_mm512_sub_epi16, unsigned short, x - y)
EMULATED_BINARY(_mm512_sub_epi32, unsigned, x - y)
EMULATED_BINARY(_mm512_sub_epi64, unsigned long long, x - y)
EMULATED_BINARY(_mm512_mullo_epi32, unsigned, (x * y))
EMULATED_BINARY(_mm512_min_epi8, signed char, x < y ? x : y)
EMULATED_BINARY(_mm512_min_epi16, short, x < y ? x : y)
EMULATED_BINARY(_mm512_min_epi32, int, x < y ? x : y)
EMULATED_BINARY(_mm512_min_epi64, long long, x < y ? x : y)
EMULATED_BINARY(_mm512_min_epu8, unsigned char, x < y ? x : y)
EMULATED_BINARY(_mm512_min_epu16, unsigned short, x < y ? x : y)
EMULATED_BINARY(_mm512_min_epu32, unsigned, x < y ? x : y)
EMULATED_BINARY(_mm512_min_epu64, unsigned long long, x < y ? x : y)
EMULATED_BINARY(_mm512_max_epi8, signed char, x > y ? x : y)
EMULATED_BINARY(_mm512_max_epi16, short, x > y ? x : y)
EMULATED_BINARY(_mm512_max_epi32, int, x > y ? x : y)
EMULATED_BINARY(_mm512_max_epi64, long long, x > y ? x : y)
EMULATED_BINARY(_mm512_max_epu8, unsigned char, x > y ? x : y)
EMULATED_BINARY(_mm512_max_epu16, unsigned short, x > y ? x : y)
EMULATED_BINARY(_mm512_max_epu32, unsigned, x > y ? x : y)
EMULATED_BINARY(_mm512_max_epu64, unsigned long long, x > y ? x : y)
#undef EMULATED_BINARY
#define EMULATED_SHIFT(name, T, operation) \
  EMULATED __m512i name(__m512i v, unsigned n) { return (__m512i)((emulated::Vector<T>)v operation static_cast<T>(n)); }
EMULATED_SHIFT(_mm512_slli_epi16, unsigned short, <<)
EMULATED_SHIFT(_mm512_slli_epi32, unsigned, <<)
EMULATED_SHIFT(_mm512_slli_epi64, unsigned long long, <<)
EMULATED_SHIFT(_mm512_srli_epi16, unsigned short, >>)
EMULATED_SHIFT(_mm512_srli_epi32, unsigned, >>)
EMULATED_SHIFT(_mm512_srli_epi64, unsigned long long, >>)
EMULATED_SHIFT(_mm512_srai_epi16, short, >>)
EMULATED_SHIFT(_mm512_srai_epi32, int, >>)
EMULATED_SHIFT(_mm512_srai_epi64, long long, >>)
#undef EMULATED_SHIFT
EMULATED unsigned _mm512_reduce_max_epu32(__m512i v) {
  const auto x = (emulated::Vector<unsigned>)v;
  unsigned most = 0;
  for (int i = 0; i < 16; ++i) most = x[i] > most ? x[i] : most;
  return most;
}

// Comparisons.
EMULATED __mmask16 _mm512_cmp_ps_mask(__m512 a, __m512 b, int how) {
  return static_cast<__mmask16>(emulated::bits<16>([&](int i) {
    switch (how) {
      case _CMP_EQ_OQ:
        return a[i] == b[i];
      case _CMP_LT_OQ:
        return a[i] < b[i];
      case _CMP_LE_OQ:
        return a[i] <= b[i];
      case _CMP_UNORD_Q:
        return __builtin_isunordered(a[i], b[i]) != 0;
      case _CMP_NEQ_OQ:
        return a[i] < b[i] || a[i] > b[i];
      case _CMP_GE_OQ:
        return a[i] >= b[i];
      case _CMP_GT_OQ:
        return a[i] > b[i];
      default:
        __builtin_trap();
    }
  }));
}
#define EMULATED_COMPARISON(name, Mask, T) \
  EMULATED Mask name(__m512i a, __m512i b, int how) { return static_cast<Mask>(emulated::compare<T>(a, b, how)); }
EMULATED_COMPARISON(_mm512_cmp_epi8_mask, __mmask64, signed char)
EMULATED_COMPARISON(_mm512_cmp_epi16_mask, __mmask32, short)
EMULATED_COMPARISON(_mm512_cmp_epi32_mask, __mmask16, int)
EMULATED_COMPARISON(_mm512_cmp_epi64_mask, __mmask8, long long)
EMULATED_COMPARISON(_mm512_cmp_epu8_mask, __mmask64, unsigned char)
EMULATED_COMPARISON(_mm512_cmp_epu16_mask, __mmask32, unsigned short)
EMULATED_COMPARISON(_mm512_cmp_epu32_mask, __mmask16, unsigned)
EMULATED_COMPARISON(_mm512_cmp_epu64_mask, __mmask8, unsigned long long)
#undef EMULATED_COMPARISON
EMULATED __mmask64 _mm512_cmpgt_epi8_mask(__m512i a, __m512i b) { return _mm512_cmp_epi8_mask(a, b, _MM_CMPINT_GT); }

// Lanes from here and there.
EMULATED __m512 _mm512_mask_blend_ps(__mmask16 mask, __m512 a, __m512 b) {
  return emulated::lanes<float>([&](int i) { return mask >> i & 1 ? b[i] : a[i]; });
}
EMULATED __m512i _mm512_mask_blend_epi8(__mmask64 mask, __m512i a, __m512i b) {
  using V = emulated::Vector<char>;
  return (__m512i)emulated::lanes<char>([&](int i) { return mask >> i & 1 ? ((V)b)[i] : ((V)a)[i]; });
}
EMULATED __m512i _mm512_mask_blend_epi16(__mmask32 mask, __m512i a, __m512i b) {
  using V = emulated::Vector<short>;
  return (__m512i)emulated::lanes<short>([&](int i) { return mask >> i & 1 ? ((V)b)[i] : ((V)a)[i]; });
}
EMULATED __m512i _mm512_mask_blend_epi32(__mmask16 mask, __m512i a, __m512i b) {
  return (__m512i)_mm512_mask_blend_ps(mask, (__m512)a, (__m512)b);
}
EMULATED __m512i _mm512_mask_blend_epi64(__mmask8 mask, __m512i a, __m512i b) {
  return emulated::lanes<long long>([&](int i) { return mask >> i & 1 ? b[i] : a[i]; });
}
EMULATED __m512 _mm512_permutexvar_ps(__m512i from, __m512 v) {
  const auto index = (emulated::Vector<int>)from;
  return emulated::lanes<float>([&](int i) { return v[index[i] & 15]; });
}
EMULATED __m512d _mm512_permutexvar_pd(__m512i from, __m512d v) {
  return emulated::lanes<double>([&](int i) { return v[from[i] & 7]; });
}
EMULATED __m512 _mm512_permutex2var_ps(__m512 a, __m512i from, __m512 b) {
  const auto index = (emulated::Vector<int>)from;
  return emulated::lanes<float>([&](int i) { return (index[i] & 16 ? b : a)[index[i] & 15]; });
}
EMULATED __m512 _mm512_shuffle_ps(__m512 a, __m512 b, int how) {
  return emulated::lanes<float>([&](int i) { return (i & 2 ? b : a)[(i & 12) + (how >> 2 * (i & 3) & 3)]; });
}
EMULATED __m512 _mm512_shuffle_f32x4(__m512 a, __m512 b, int how) {
  return emulated::lanes<float>([&](int i) { return (i & 8 ? b : a)[4 * (how >> 2 * (i >> 2) & 3) + (i & 3)]; });
}
EMULATED __m512i _mm512_maskz_alignr_epi32(__mmask16 mask, __m512i a, __m512i b, int n) {
  const auto low = (emulated::Vector<int>)b, high = (emulated::Vector<int>)a;
  return (__m512i)emulated::lanes<int>(
      [&](int i) { return mask >> i & 1 ? (i + n < 16 ? low[i + n] : high[i + n - 16]) : 0; });
}

// Mentioned by xsimd, and not used here.
__m512d _mm512_load_pd(const void*), _mm512_loadu_pd(const void*), _mm512_set1_pd(double), _mm512_castsi512_pd(__m512i);
__m512d _mm512_add_pd(__m512d, __m512d), _mm512_shuffle_f64x2(__m512d, __m512d, int);
__m512d _mm512_shuffle_pd(__m512d, __m512d, int);
__m512 _mm512_load_ps(const void*);
__m512i _mm512_load_si512(const void*), _mm512_and_epi64(__m512i, __m512i);
__m256i _mm512_maskz_cvtepi32_epi16(__mmask16, __m512i);
template <class... T>
__m512d _mm512_setr_pd(T...);

#include "amx.h"

#undef EMULATED
