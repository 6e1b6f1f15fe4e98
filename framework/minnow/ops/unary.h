#pragma once

#include <cstdint>
#include <limits>

#include <minnow/core/export.h>
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
MINNOW_API const char* name_of(UnaryKind kind);

/// One of UnaryKind on each element. relu6 is a clamp from 0 to 6.
struct MINNOW_API UnaryOp final : Op {
  explicit UnaryOp(UnaryKind which, float a = 0, float b = 0) : kind(which), alpha(a), beta(b) {}
  std::string_view name() const override { return name_of(kind); }
  std::string attributes() const override;
  std::vector<TensorSpec> infer(std::span<const TensorSpec> inputs) const override;
  void eval(std::span<const Tensor> inputs, std::span<Tensor> outputs) const override;

  const UnaryKind kind;
  const float alpha, beta;
};

/// Element by element, float32, as the torch functions of these names; NaN stays NaN. Throws for int64.
MINNOW_API Tensor neg(const Tensor& x);
MINNOW_API Tensor abs(const Tensor& x);
MINNOW_API Tensor exp(const Tensor& x);
MINNOW_API Tensor log(const Tensor& x);
MINNOW_API Tensor log1p(const Tensor& x);
MINNOW_API Tensor sqrt(const Tensor& x);
MINNOW_API Tensor rsqrt(const Tensor& x);
MINNOW_API Tensor square(const Tensor& x);
MINNOW_API Tensor reciprocal(const Tensor& x);
MINNOW_API Tensor sign(const Tensor& x);  // 0 for NaN
MINNOW_API Tensor floor(const Tensor& x);
MINNOW_API Tensor ceil(const Tensor& x);
MINNOW_API Tensor round(const Tensor& x);  // halves to even
MINNOW_API Tensor sin(const Tensor& x);
MINNOW_API Tensor cos(const Tensor& x);
MINNOW_API Tensor tanh(const Tensor& x);
MINNOW_API Tensor sigmoid(const Tensor& x);
MINNOW_API Tensor erf(const Tensor& x);
MINNOW_API Tensor relu(const Tensor& x);  // relu(-0.0) is -0.0
MINNOW_API Tensor relu6(const Tensor& x);
MINNOW_API Tensor leaky_relu(const Tensor& x, double negative_slope = 0.01);
MINNOW_API Tensor silu(const Tensor& x);
MINNOW_API Tensor gelu(const Tensor& x);  // the exact one, by erf
MINNOW_API Tensor hardswish(const Tensor& x);
MINNOW_API Tensor hardsigmoid(const Tensor& x);
MINNOW_API Tensor elu(const Tensor& x, double alpha = 1.0);
MINNOW_API Tensor softplus(const Tensor& x, double beta = 1.0, double threshold = 20.0);

/// Each element moved into [min, max]; max where min > max. A NaN beside another bound makes all NaN; alone it bounds
/// nothing, as in PyTorch 1.13. https://pytorch.org/docs/1.13/generated/torch.clamp.html
MINNOW_API Tensor clamp(const Tensor& x, double min = -std::numeric_limits<double>::infinity(),
                        double max = std::numeric_limits<double>::infinity());

inline Tensor operator-(const Tensor& x) { return neg(x); }

}  // namespace minnow
