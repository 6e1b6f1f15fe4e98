#pragma once

#include <cstdint>

namespace minnow::kernels {

enum class Binary { add, sub, mul, div, max, min };

/// What an operand of a binary kernel holds: a float for every output, for every channel, or one for all.
enum class Operand { full, channel, scalar };

/// out[o, c, i] = a op b, all [outer, channels, inner]; an operand of kind `channel` is [channels], of kind `scalar`
/// [1]. At least one operand is full. `out` may be a full operand itself. Maximum and minimum keep NaN.
struct BinaryArgs {
  Binary op;
  const float* a;
  const float* b;
  float* out;
  std::int64_t outer, channels, inner;
  Operand a_kind = Operand::full, b_kind = Operand::full;
};

/// The functions of one argument, named as in torch (gelu by erf). leaky_relu has the slope alpha, elu the factor
/// alpha, clamp the bounds alpha and beta, pow the exponent alpha, affine is x * alpha + beta.
enum class Unary {
  relu,
  leaky_relu,
  elu,
  clamp,
  affine,
  neg,
  abs,
  square,
  sqrt,
  rsqrt,
  reciprocal,
  exp,
  log,
  pow,
  tanh,
  sigmoid,
  silu,
  gelu,
  erf,
  softplus,
  hardsigmoid,
  hardswish,
  mish,
  floor,
  ceil,
  round,
  sign
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
