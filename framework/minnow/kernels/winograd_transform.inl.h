#pragma once

#include <minnow/kernels/simd.h>

namespace minnow::kernels {
namespace {

/// Winograd's transforms F(M x M, 3 x 3) in one dimension, after Lavin and Gray, "Fast Algorithms for Convolutional
/// Neural Networks" (2015): with `input` B^T, `weight` G and `output` A^T, y = output(weight(g) * input(d)).
template <int M>
struct Winograd;

/// Interpolates at 0, 1, -1 and infinity.
template <>
struct Winograd<2> {
  template <class V>
  MINNOW_INLINE static void input(const V (&d)[4], V (&t)[4]) {
    t[0] = d[0] - d[2];
    t[1] = d[1] + d[2];
    t[2] = d[2] - d[1];
    t[3] = d[1] - d[3];
  }
  template <class V>
  MINNOW_INLINE static void weight(const V (&g)[3], V (&t)[4]) {
    const V half(0.5f), even = (g[0] + g[2]) * half, odd = g[1] * half;
    t[0] = g[0];
    t[1] = even + odd;
    t[2] = even - odd;
    t[3] = g[2];
  }
  template <class V>
  MINNOW_INLINE static void output(const V (&m)[4], V (&y)[2]) {
    y[0] = m[0] + m[1] + m[2];
    y[1] = m[1] - m[2] - m[3];
  }
};

/// Interpolates at 0, 1, -1, 2, -2 and infinity.
template <>
struct Winograd<4> {
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
  template <class V>
  MINNOW_INLINE static void weight(const V (&g)[3], V (&t)[6]) {
    const V sixth(-1.0f / 6), near = (g[0] + g[2]) * sixth, odd = g[1] * sixth;
    const V far = g[0] * V(1.0f / 24) + g[2] * V(1.0f / 6), slope = g[1] * V(1.0f / 12);
    t[0] = g[0] * V(0.25f);
    t[1] = near + odd;
    t[2] = near - odd;
    t[3] = far + slope;
    t[4] = far - slope;
    t[5] = g[2];
  }
  template <class V>
  MINNOW_INLINE static void output(const V (&m)[6], V (&y)[4]) {
    const V two(2.0f), four(4.0f), eight(8.0f);
    const V a = m[1] + m[2], b = m[1] - m[2], c = m[3] + m[4], d = m[3] - m[4];
    y[0] = m[0] + a + c;
    y[1] = b + two * d;
    y[2] = a + four * c;
    y[3] = b + eight * d + m[5];
  }
};

}  // namespace
}  // namespace minnow::kernels
