#pragma once

#include <cstdint>

namespace minnow::kernels {

enum class Binary { add, sub, mul, div, max, min };

/// What an operand of a binary kernel holds: a float for every output, or one for all.
enum class Operand { full, scalar };

/// out[i] = a op b, i < n; an operand of kind `scalar` is [1], and at least one is full. `out` may be a full operand
/// itself. Maximum and minimum keep NaN.
struct BinaryArgs {
  Binary op;
  const float* a;
  const float* b;
  float* out;
  std::int64_t n;
  Operand a_kind = Operand::full, b_kind = Operand::full;
};

/// The functions of one argument, named as in torch (gelu by erf; the sign of NaN is 0). leaky_relu has the slope
/// alpha, elu the factor alpha, clamp the bounds alpha and beta, softplus torch's beta as alpha and its threshold as
/// beta.
enum class Unary {
  relu,
  leaky_relu,
  elu,
  clamp,
  neg,
  abs,
  square,
  sqrt,
  rsqrt,
  reciprocal,
  sign,
  exp,
  log,
  log1p,
  tanh,
  sigmoid,
  silu,
  gelu,
  erf,
  softplus,
  hardsigmoid,
  hardswish,
  floor,
  ceil,
  round
};

/// out[i] = op(x[i]), i < n; `out` may be x.
struct UnaryArgs {
  Unary op;
  const float* x;
  float* out;
  std::int64_t n;
  float alpha = 0, beta = 0;
};

}  // namespace minnow::kernels
