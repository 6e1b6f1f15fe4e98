#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include <minnow/core/threads.h>
#include <minnow/ops/check.h>
#include <minnow/ops/kernels.h>
#include <minnow/ops/unary.h>

namespace minnow {
namespace {

constexpr std::array kUnaryNames = {"neg",    "abs",        "exp",         "log",   "log1p",    "sqrt",       "rsqrt",
                                    "square", "reciprocal", "sign",        "floor", "ceil",     "round",      "sin",
                                    "cos",    "tanh",       "sigmoid",     "erf",   "relu",     "leaky_relu", "silu",
                                    "gelu",   "hardswish",  "hardsigmoid", "elu",   "softplus", "clamp"};

// The vector kernel of a function; the rest, further down, are seldom in a hurry.
std::optional<kernels::Unary> kernel_of(UnaryKind kind) {
  switch (kind) {
    case UnaryKind::neg:
      return kernels::Unary::neg;
    case UnaryKind::abs:
      return kernels::Unary::abs;
    case UnaryKind::exp:
      return kernels::Unary::exp;
    case UnaryKind::log:
      return kernels::Unary::log;
    case UnaryKind::sqrt:
      return kernels::Unary::sqrt;
    case UnaryKind::rsqrt:
      return kernels::Unary::rsqrt;
    case UnaryKind::square:
      return kernels::Unary::square;
    case UnaryKind::reciprocal:
      return kernels::Unary::reciprocal;
    case UnaryKind::floor:
      return kernels::Unary::floor;
    case UnaryKind::ceil:
      return kernels::Unary::ceil;
    case UnaryKind::round:
      return kernels::Unary::round;
    case UnaryKind::tanh:
      return kernels::Unary::tanh;
    case UnaryKind::sigmoid:
      return kernels::Unary::sigmoid;
    case UnaryKind::erf:
      return kernels::Unary::erf;
    case UnaryKind::relu:
      return kernels::Unary::relu;
    case UnaryKind::leaky_relu:
      return kernels::Unary::leaky_relu;
    case UnaryKind::silu:
      return kernels::Unary::silu;
    case UnaryKind::gelu:
      return kernels::Unary::gelu;
    case UnaryKind::hardswish:
      return kernels::Unary::hardswish;
    case UnaryKind::hardsigmoid:
      return kernels::Unary::hardsigmoid;
    case UnaryKind::elu:
      return kernels::Unary::elu;
    case UnaryKind::softplus:
      return kernels::Unary::softplus;
    case UnaryKind::clamp:
      return kernels::Unary::clamp;
    default:
      return std::nullopt;
  }
}

// The functions that have no kernel.
float plain(UnaryKind kind, float x) {
  switch (kind) {
    case UnaryKind::log1p:
      return std::log1p(x);
    case UnaryKind::sign:
      return static_cast<float>((x > 0) - (x < 0));
    case UnaryKind::sin:
      return std::sin(x);
    default:
      return std::cos(x);
  }
}

Tensor unary(UnaryKind kind, const Tensor& x, double alpha = 0, double beta = 0) {
  return apply<UnaryOp>({x}, kind, static_cast<float>(alpha), static_cast<float>(beta));
}

}  // namespace

const char* name_of(UnaryKind kind) { return kUnaryNames[static_cast<std::size_t>(kind)]; }

std::string UnaryOp::attributes() const {
  switch (kind) {
    case UnaryKind::leaky_relu:
      return str("negative_slope=", alpha);
    case UnaryKind::elu:
      return str("alpha=", alpha);
    case UnaryKind::softplus:
      return str("beta=", alpha, " threshold=", beta);
    case UnaryKind::clamp:
      return str("min=", alpha, " max=", beta);
    default:
      return {};
  }
}

std::vector<TensorSpec> UnaryOp::infer(std::span<const TensorSpec> inputs) const {
  detail::expect_float32(name(), inputs);
  return {inputs[0]};
}

void UnaryOp::eval(std::span<const Tensor> inputs, std::span<Tensor> outputs) const {
  const float* x = inputs[0].data();
  float* out = outputs[0].data();
  if (kind == UnaryKind::clamp && (std::isnan(alpha) || std::isnan(beta))) {
    std::fill_n(out, outputs[0].numel(), std::numeric_limits<float>::quiet_NaN());
    return;
  }
  constexpr std::int64_t grain = 32768;  // elements that are worth a thread
  const std::optional<kernels::Unary> kernel = kernel_of(kind);
  const kernels::Table& table = kernels::table();
  parallel_for(inputs[0].numel(), grain, [&](std::int64_t first, std::int64_t last) {
    if (kernel) return table.unary({*kernel, x + first, out + first, last - first, alpha, beta});
    for (std::int64_t i = first; i < last; ++i) out[i] = plain(kind, x[i]);
  });
}

Tensor neg(const Tensor& x) { return unary(UnaryKind::neg, x); }
Tensor abs(const Tensor& x) { return unary(UnaryKind::abs, x); }
Tensor exp(const Tensor& x) { return unary(UnaryKind::exp, x); }
Tensor log(const Tensor& x) { return unary(UnaryKind::log, x); }
Tensor log1p(const Tensor& x) { return unary(UnaryKind::log1p, x); }
Tensor sqrt(const Tensor& x) { return unary(UnaryKind::sqrt, x); }
Tensor rsqrt(const Tensor& x) { return unary(UnaryKind::rsqrt, x); }
Tensor square(const Tensor& x) { return unary(UnaryKind::square, x); }
Tensor reciprocal(const Tensor& x) { return unary(UnaryKind::reciprocal, x); }
Tensor sign(const Tensor& x) { return unary(UnaryKind::sign, x); }
Tensor floor(const Tensor& x) { return unary(UnaryKind::floor, x); }
Tensor ceil(const Tensor& x) { return unary(UnaryKind::ceil, x); }
Tensor round(const Tensor& x) { return unary(UnaryKind::round, x); }
Tensor sin(const Tensor& x) { return unary(UnaryKind::sin, x); }
Tensor cos(const Tensor& x) { return unary(UnaryKind::cos, x); }
Tensor tanh(const Tensor& x) { return unary(UnaryKind::tanh, x); }
Tensor sigmoid(const Tensor& x) { return unary(UnaryKind::sigmoid, x); }
Tensor erf(const Tensor& x) { return unary(UnaryKind::erf, x); }
Tensor relu(const Tensor& x) { return unary(UnaryKind::relu, x); }
Tensor relu6(const Tensor& x) { return unary(UnaryKind::clamp, x, 0.0, 6.0); }
Tensor leaky_relu(const Tensor& x, double negative_slope) { return unary(UnaryKind::leaky_relu, x, negative_slope); }
Tensor silu(const Tensor& x) { return unary(UnaryKind::silu, x); }
Tensor gelu(const Tensor& x) { return unary(UnaryKind::gelu, x); }
Tensor hardswish(const Tensor& x) { return unary(UnaryKind::hardswish, x); }
Tensor hardsigmoid(const Tensor& x) { return unary(UnaryKind::hardsigmoid, x); }
Tensor elu(const Tensor& x, double alpha) { return unary(UnaryKind::elu, x, alpha); }
Tensor softplus(const Tensor& x, double beta, double threshold) {
  return unary(UnaryKind::softplus, x, beta, threshold);
}

Tensor clamp(const Tensor& x, double min, double max) {
  constexpr double inf = std::numeric_limits<double>::infinity();
  if (std::isnan(min) && max == inf) min = -inf;
  if (std::isnan(max) && min == -inf) max = inf;
  return unary(UnaryKind::clamp, x, min, max);
}

}  // namespace minnow
