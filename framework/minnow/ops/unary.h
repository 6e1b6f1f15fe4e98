#pragma once

#include <cstdint>
#include <limits>

#include <minnow/ops/op.h>

namespace minnow {

/// Functions of one number. Their parameters, where they have some: leaky_relu and elu the slope alpha; softplus alpha
/// (torch's beta) and the threshold beta; clamp the bounds alpha and beta.
enum class UnaryKind : std::uint8_t {
  neg,
  abs,
  exp,
  log,
  log1p,
  sqrt,
  rsqrt,
  square,
  reciprocal,
  sign,
  floor,
  ceil,
  round,
  sin,
  cos,
  tanh,
  sigmoid,
  erf,
  relu,
  leaky_relu,
  silu,
  gelu,
  hardswish,
  hardsigmoid,
  elu,
  softplus,
  clamp
};

/// "neg", "abs", ...: the name of the free function.
const char* name_of(UnaryKind kind);

/// One of UnaryKind on each element. relu6 is a clamp from 0 to 6.
struct UnaryOp final : Op {
  explicit UnaryOp(UnaryKind which, float a = 0, float b = 0) : kind(which), alpha(a), beta(b) {}
  std::string_view name() const override { return name_of(kind); }
  std::string attributes() const override;
  std::vector<TensorSpec> infer(std::span<const TensorSpec> inputs) const override;
  void eval(std::span<const Tensor> inputs, std::span<Tensor> outputs) const override;

  UnaryKind kind;
  float alpha, beta;
};

/// Element by element, float32, as the torch functions of these names; NaN stays NaN. Throws for int64.
Tensor neg(const Tensor& x);
Tensor abs(const Tensor& x);
Tensor exp(const Tensor& x);
Tensor log(const Tensor& x);
Tensor log1p(const Tensor& x);
Tensor sqrt(const Tensor& x);
Tensor rsqrt(const Tensor& x);
Tensor square(const Tensor& x);
Tensor reciprocal(const Tensor& x);
Tensor sign(const Tensor& x);  // 0 for NaN
Tensor floor(const Tensor& x);
Tensor ceil(const Tensor& x);
Tensor round(const Tensor& x);  // halves to even
Tensor sin(const Tensor& x);
Tensor cos(const Tensor& x);
Tensor tanh(const Tensor& x);
Tensor sigmoid(const Tensor& x);
Tensor erf(const Tensor& x);
Tensor relu(const Tensor& x);  // relu(-0.0) is -0.0
Tensor relu6(const Tensor& x);
Tensor leaky_relu(const Tensor& x, double negative_slope = 0.01);
Tensor silu(const Tensor& x);
Tensor gelu(const Tensor& x);  // the exact one, by erf
Tensor hardswish(const Tensor& x);
Tensor hardsigmoid(const Tensor& x);
Tensor elu(const Tensor& x, double alpha = 1.0);
Tensor softplus(const Tensor& x, double beta = 1.0, double threshold = 20.0);

/// Each element moved into [min, max]; max where min > max. https://pytorch.org/docs/1.13/generated/torch.clamp.html
Tensor clamp(const Tensor& x, double min = -std::numeric_limits<double>::infinity(),
             double max = std::numeric_limits<double>::infinity());

inline Tensor operator-(const Tensor& x) { return neg(x); }

}  // namespace minnow
