#pragma once

#include <minnow/kernels/simd.h>

namespace minnow::kernels {
namespace {

/// Winograd's transforms in one dimension, after Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks"
/// (2015): of E pixels d and T weights g come E - T + 1 outputs y = output(weight(g) * input(d)). Polynomials are
/// multiplied by their values at E points, the last of which is infinity. `input` is B^T, which depends on the points
/// alone, `weight` G, and `output` A^T. `weight` divides the value at a finite point by `kDivisors`.
template <int E>
struct Winograd;

constexpr int kPoints[] = {0, 1, -1, 2, -2};

/// The points 0, 1, -1.
template <>
struct Winograd<4> {
  static constexpr int kDivisors[] = {1, 2, 2};

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
  static constexpr int kDivisors[] = {4, -6, -6, 24, 24};

  template <class V>
  MINNOW_INLINE static void input(const V (&d)[6], V (&t)[6]) {
    const V two(2.0f), four(4.0f), five(5.0f);
    const V a = d[4] - four * d[2], b = d[3] - four * d[1];
    const V c = d[4] - d[2], e = two * (d[3] - d[1]);
    t[0] = four * d[0] + (d[4] - five * d[2]);
    t[1] = a + b;
    t[2] = a - b;
    t[3] = c + e;
    t[4] = c - e;
    t[5] = four * d[1] + (d[5] - five * d[3]);
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

/// Where an image ends, a tile of P - T + 1 pixels needs P of the points: the first ones and infinity, which stay at
/// their places in a tile of E. The weights are those of whole tiles.
template <int E, int P>
struct WinogradEdge {
  /// Of the value at each point, the coefficients of the P pixels.
  struct Matrix {
    float of[P][P];
  };
  static constexpr Matrix kInput = [] {
    Matrix matrix{};
    for (int point = 0; point < P; ++point) {
      int polynomial[P] = {1}, divisor = 1;  // the product of (x - other) over the other finite points
      for (int other = 0, degree = 0; other < P - 1; ++other) {
        if (other == point) continue;
        for (int k = ++degree; k >= 0; --k) {
          polynomial[k] = (k > 0 ? polynomial[k - 1] : 0) - kPoints[other] * polynomial[k];
        }
        if (point < P - 1) divisor *= kPoints[point] - kPoints[other];
      }
      const int factor = point < P - 1 ? Winograd<E>::kDivisors[point] / divisor : 1;
      for (int k = 0; k < P; ++k) matrix.of[point][k] = static_cast<float>(factor * polynomial[k]);
    }
    return matrix;
  }();

  static constexpr int place(int point) { return point < P - 1 ? point : E - 1; }

  template <class V>
  static void input(const V (&d)[E], V (&t)[E]) {
    unroll<P>([&](auto point) {
      V sum(0.0f);
      unroll<P>([&](auto k) {
        constexpr float factor = kInput.of[point][k];
        if constexpr (factor != 0) sum += V(factor) * d[k];
      });
      t[place(point)] = sum;
    });
    unroll<E - P>([&](auto i) { t[P - 1 + i] = V(0.0f); });
  }
  template <class V, int M>
  static void output(const V (&m)[E], V (&y)[M]) {
    constexpr int pixels = P - E + M;
    unroll<pixels>([&](auto k) {
      V sum = k + 1 < pixels ? V(0.0f) : m[E - 1];
      unroll<P - 1>([&](auto point) {
        constexpr int value = power(kPoints[point], k);
        if constexpr (value != 0) sum += V(static_cast<float>(value)) * m[point];
      });
      y[k] = sum;
    });
    unroll<M - pixels>([&](auto i) { y[pixels + i] = V(0.0f); });
  }
  static constexpr int power(int value, int exponent) { return exponent == 0 ? 1 : value * power(value, exponent - 1); }
};

/// f(points), a number from T to E that becomes a constant.
template <int E, int T, class F>
MINNOW_INLINE void with_points(int points, const F& f) {
  if constexpr (T < E) {
    if (points == T) return f(Constant<T>{});
    with_points<E, T + 1>(points, f);
  } else {
    f(Constant<E>{});
  }
}

/// Winograd<E>::input, or where a tile with T taps has fewer points, the edge's.
template <int T, class V, int E>
MINNOW_INLINE void winograd_input(const V (&d)[E], V (&t)[E], int points) {
  with_points<E, T>(points, [&](auto p) {
    if constexpr (p == E) {
      Winograd<E>::input(d, t);
    } else {
      WinogradEdge<E, p>::input(d, t);
    }
  });
}

/// The same of Winograd<E>::output.
template <class V, int E, int M>
MINNOW_INLINE void winograd_output(const V (&m)[E], V (&y)[M], int points) {
  with_points<E, E - M + 1>(points, [&](auto p) {
    if constexpr (p == E) {
      Winograd<E>::output(m, y);
    } else {
      WinogradEdge<E, p>::output(m, y);
    }
  });
}

}  // namespace
}  // namespace minnow::kernels
