#pragma once

#include <minnow/kernels/elementwise.h>
#include <minnow/kernels/simd.h>

namespace minnow::kernels {
namespace {

/// out[i] = f(x[i]), i < n, where f takes and gives vectors.
template <class A, class F>
MINNOW_INLINE void map(const float* x, float* out, Index n, F f) {
  Index i = 0;
  for (; i + kWidth<A> <= n; i += kWidth<A>) store<A>(out + i, f(load<A>(x + i)));
  if (i < n) store_first<A>(out + i, f(load_first<A>(x + i, n - i)), n - i);
}

template <class A, class F>
MINNOW_INLINE void map(const float* x, const float* y, float* out, Index n, F f) {
  Index i = 0;
  for (; i + kWidth<A> <= n; i += kWidth<A>) store<A>(out + i, f(load<A>(x + i), load<A>(y + i)));
  if (i < n) store_first<A>(out + i, f(load_first<A>(x + i, n - i), load_first<A>(y + i, n - i)), n - i);
}

template <class A, class F>
void binary(const BinaryArgs& args, F f) {
  if (args.a_kind == Operand::scalar) {
    const Vec<A> a(*args.a);
    map<A>(args.b, args.out, args.n, [&](Vec<A> b) { return f(a, b); });
  } else if (args.b_kind == Operand::scalar) {
    const Vec<A> b(*args.b);
    map<A>(args.a, args.out, args.n, [&](Vec<A> a) { return f(a, b); });
  } else {
    map<A>(args.a, args.b, args.out, args.n, f);
  }
}

template <class A>
void binary(const BinaryArgs& args) {
  using V = Vec<A>;
  switch (args.op) {
    case Binary::add:
      return binary<A>(args, [](V a, V b) { return a + b; });
    case Binary::sub:
      return binary<A>(args, [](V a, V b) { return a - b; });
    case Binary::mul:
      return binary<A>(args, [](V a, V b) { return a * b; });
    case Binary::div:
      return binary<A>(args, [](V a, V b) { return divide<A>(a, b); });
    case Binary::max:
      return binary<A>(args, [](V a, V b) { return max_nan<A>(a, b); });
    case Binary::min:
      return binary<A>(args, [](V a, V b) { return min_nan<A>(a, b); });
  }
}

/// 1 / (1 + exp(-x))
template <class A>
MINNOW_INLINE Vec<A> sigmoid(Vec<A> x) {
  return divide<A>(Vec<A>(1.0f), Vec<A>(1.0f) + xsimd::exp(-x));
}

template <class A>
MINNOW_INLINE Vec<A> clamp(Vec<A> x, Vec<A> lo, Vec<A> hi) {
  const Vec<A> above = xsimd::select(x < lo, lo, x);
  return xsimd::select(above > hi, hi, above);
}

template <class A>
void unary(const UnaryArgs& args) {
  using V = Vec<A>;
  auto each = [&](auto f) { map<A>(args.x, args.out, args.n, f); };
  const V alpha(args.alpha), beta(args.beta), zero(0.0f), one(1.0f);
  switch (args.op) {
    case Unary::relu:
      return each([](V x) { return relu<A>(x); });
    case Unary::leaky_relu:
      return each([&](V x) { return xsimd::select(x > zero, x, x * alpha); });
    case Unary::elu:
      return each([&](V x) { return xsimd::select(x > zero, x, alpha * xsimd::expm1(x)); });
    case Unary::clamp:
      return each([&](V x) { return clamp<A>(x, alpha, beta); });
    case Unary::neg:
      return each([](V x) { return x * V(-1.0f); });  // 0 becomes -0, which xsimd's minus does not give everywhere
    case Unary::abs:
      return each([](V x) { return xsimd::abs(x); });
    case Unary::square:
      return each([](V x) { return x * x; });
    case Unary::sqrt:
      return each([](V x) { return xsimd::sqrt(x); });
    case Unary::rsqrt:
      return each([&](V x) { return divide<A>(one, xsimd::sqrt(x)); });
    case Unary::reciprocal:
      return each([&](V x) { return divide<A>(one, x); });
    case Unary::sign:
      return each([&](V x) { return xsimd::select(x > zero, one, zero) - xsimd::select(x < zero, one, zero); });
    case Unary::exp:
      return each([](V x) { return xsimd::exp(x); });
    case Unary::log:
      return each([](V x) { return xsimd::log(x); });
    case Unary::log1p:
      return each([&](V x) { return xsimd::select(x == zero, x, xsimd::log1p(x)); });  // -0 stays
    case Unary::tanh:
      return each([](V x) { return xsimd::tanh(x); });
    case Unary::sigmoid:
      return each([](V x) { return sigmoid<A>(x); });
    case Unary::silu:
      return each([](V x) { return x * sigmoid<A>(x); });
    case Unary::gelu:
      // 1 + erf(x) = erfc(-x), which keeps its digits where x is far below zero.
      return each([](V x) { return V(0.5f) * x * xsimd::erfc(x * V(-0.70710678118654752f)); });
    case Unary::erf:
      return each([](V x) { return xsimd::erf(x); });
    case Unary::softplus:
      return each([&](V x) {
        const V scaled = x * alpha;
        return xsimd::select(scaled > beta, x, divide<A>(xsimd::log1p(xsimd::exp(scaled)), alpha));
      });
    case Unary::hardsigmoid:
      return each([](V x) { return divide<A>(clamp<A>(x + V(3.0f), V(0.0f), V(6.0f)), V(6.0f)); });
    case Unary::hardswish:
      return each([](V x) { return divide<A>(x * clamp<A>(x + V(3.0f), V(0.0f), V(6.0f)), V(6.0f)); });
    case Unary::floor:  // -0 and, above -1, ceil stay below zero
      return each([](V x) { return xsimd::copysign(xsimd::floor(x), x); });
    case Unary::ceil:
      return each([](V x) { return xsimd::copysign(xsimd::ceil(x), x); });
    case Unary::round:
      return each([](V x) { return xsimd::nearbyint(x); });
  }
}

}  // namespace
}  // namespace minnow::kernels
