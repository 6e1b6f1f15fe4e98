#pragma once

#include <minnow/kernels/simd.h>

namespace minnow::kernels {
namespace {

/// Winograd's transforms in one dimension, after Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks"
/// (2015): of E pixels d and T weights g come E - T + 1 outputs y = output(weight(g) * input(d)). Polynomials are
/// multiplied by their values at E points, the last of which is infinity. `input` is B^T, which depends on the points
/// alone, `weight` G, and `output` A^T.
template <int E>
struct Winograd;

/// The points 0, 1, -1.
template <>
struct Winograd<4> {
  template <class V>
  MINNOW_INLINE static void input(const V (&d)[4], V (&t)[4]) {
    t[0] = d[0] - d[2];
    t[1] = d[1] + d[2];
    t[2] = d[2] - d[1];
    t[3] = d[3] - d[1];
  }
  template <class V, int T>
  MINNOW_INLINE static void weight(const V (&g)[T], V (&t)[4]) {
    V even = g[0], odd = g[1];
    if constexpr (T > 2) even += g[2];
    t[0] = g[0];
    t[1] = (even + odd) * V(0.5f);
    t[2] = (even - odd) * V(0.5f);
    t[3] = g[T - 1];
  }
  template <class V, int M>
  MINNOW_INLINE static void output(const V (&m)[4], V (&y)[M]) {
    y[0] = m[0] + m[1] + m[2];
    y[1] = m[1] - m[2];
    if constexpr (M > 2) y[2] = m[1] + m[2];
    y[M - 1] += m[3];
  }
};

/// The points 0, 1, -1, 2, -2.
template <>
struct Winograd<6> {
  template <class V>
  MINNOW_INLINE static void input(const V (&d)[6], V (&t)[6]) {
    const V two(2.0f), four(4.0f), five(5.0f);
    const V a = d[4] - four * d[2], b = d[3] - four * d[1];
    const V c = d[4] - d[2], e = two * (d[3] - d[1]);
    t[0] = four * d[0] - five * d[2] + d[4];
    t[1] = a + b;
    t[2] = a - b;
    t[3] = c + e;
    t[4] = c - e;
    t[5] = four * d[1] - five * d[3] + d[5];
  }
  template <class V, int T>
  MINNOW_INLINE static void weight(const V (&g)[T], V (&t)[6]) {
    V even = g[0], odd = g[1], far_even = g[0], far_odd = g[1] * V(2.0f);  // at 1 and at 2
    if constexpr (T > 2) even += g[2], far_even += g[2] * V(4.0f);
    if constexpr (T > 3) odd += g[3], far_odd += g[3] * V(8.0f);
    t[0] = g[0] * V(0.25f);
    t[1] = (even + odd) * V(-1.0f / 6);
    t[2] = (even - odd) * V(-1.0f / 6);
    t[3] = (far_even + far_odd) * V(1.0f / 24);
    t[4] = (far_even - far_odd) * V(1.0f / 24);
    t[5] = g[T - 1];
  }
  template <class V, int M>
  MINNOW_INLINE static void output(const V (&m)[6], V (&y)[M]) {
    const V a = m[1] + m[2], b = m[1] - m[2], c = m[3] + m[4], d = m[3] - m[4];
    y[0] = m[0] + a + c;
    y[1] = b + V(2.0f) * d;
    y[2] = a + V(4.0f) * c;
    if constexpr (M > 3) y[3] = b + V(8.0f) * d;
    y[M - 1] += m[5];
  }
};

}  // namespace
}  // namespace minnow::kernels
