#include <array>
#include <cmath>
#include <numbers>

#include <minnow/core/threads.h>
#include <minnow/ops/check.h>
#include <minnow/ops/unary.h>

namespace minnow {
namespace {

constexpr std::array names = {"neg",    "abs",        "exp",         "log",   "log1p",    "sqrt",       "rsqrt",
                              "square", "reciprocal", "sign",        "floor", "ceil",     "round",      "sin",
                              "cos",    "tanh",       "sigmoid",     "erf",   "relu",     "leaky_relu", "silu",
                              "gelu",   "hardswish",  "hardsigmoid", "elu",   "softplus", "clamp"};

float clamped(float x, float low, float high) {
  const float raised = x < low ? low : x;
  return raised > high ? high : raised;
}

// Calls body with the function of `op` on one float.
template <class Body>
void with_function(const Unary& op, Body body) {
  const float a = op.alpha, b = op.beta;
  switch (op.kind) {
    case UnaryKind::neg:
      return body([](float x) { return -x; });
    case UnaryKind::abs:
      return body([](float x) { return std::fabs(x); });
    case UnaryKind::exp:
      return body([](float x) { return std::exp(x); });
    case UnaryKind::log:
      return body([](float x) { return std::log(x); });
    case UnaryKind::log1p:
      return body([](float x) { return std::log1p(x); });
    case UnaryKind::sqrt:
      return body([](float x) { return std::sqrt(x); });
    case UnaryKind::rsqrt:
      return body([](float x) { return 1.0f / std::sqrt(x); });
    case UnaryKind::square:
      return body([](float x) { return x * x; });
    case UnaryKind::reciprocal:
      return body([](float x) { return 1.0f / x; });
    case UnaryKind::sign:
      return body([](float x) { return static_cast<float>((x > 0) - (x < 0)); });
    case UnaryKind::floor:
      return body([](float x) { return std::floor(x); });
    case UnaryKind::ceil:
      return body([](float x) { return std::ceil(x); });
    case UnaryKind::round:
      return body([](float x) { return std::nearbyint(x); });
    case UnaryKind::sin:
      return body([](float x) { return std::sin(x); });
    case UnaryKind::cos:
      return body([](float x) { return std::cos(x); });
    case UnaryKind::tanh:
      return body([](float x) { return std::tanh(x); });
    case UnaryKind::sigmoid:
      return body([](float x) { return 1.0f / (1.0f + std::exp(-x)); });
    case UnaryKind::erf:
      return body([](float x) { return std::erf(x); });
    case UnaryKind::relu:
      return body([](float x) { return x < 0 ? 0.0f : x; });
    case UnaryKind::leaky_relu:
      return body([a](float x) { return x > 0 ? x : x * a; });
    case UnaryKind::silu:
      return body([](float x) { return x / (1.0f + std::exp(-x)); });
    case UnaryKind::gelu:
      return body([](float x) { return 0.5f * x * (1.0f + std::erf(x * (std::numbers::sqrt2_v<float> / 2))); });
    case UnaryKind::hardswish:
      return body([](float x) { return x * clamped(x + 3.0f, 0.0f, 6.0f) / 6.0f; });
    case UnaryKind::hardsigmoid:
      return body([](float x) { return clamped(x + 3.0f, 0.0f, 6.0f) / 6.0f; });
    case UnaryKind::elu:
      return body([a](float x) { return x > 0 ? x : a * std::expm1(x); });
    case UnaryKind::softplus:
      return body([a, b](float x) { return x * a > b ? x : std::log1p(std::exp(x * a)) / a; });
    case UnaryKind::clamp:
      return body([a, b](float x) { return clamped(x, a, b); });
  }
}

Tensor unary(UnaryKind kind, const Tensor& x, double alpha = 0, double beta = 0) {
  return apply<Unary>({x}, kind, static_cast<float>(alpha), static_cast<float>(beta));
}

}  // namespace

const char* name_of(UnaryKind kind) { return names[static_cast<std::size_t>(kind)]; }

std::string Unary::attributes() const {
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

std::vector<TensorSpec> Unary::infer(std::span<const TensorSpec> inputs) const {
  detail::expect_float32(name(), inputs);
  return {inputs[0]};
}

void Unary::eval(std::span<const Tensor> inputs, std::span<Tensor> outputs) const {
  const float* x = inputs[0].data();
  float* out = outputs[0].data();
  constexpr std::int64_t grain = 32768;  // elements that are worth a thread
  with_function(*this, [&](auto f) {
    parallel_for(inputs[0].numel(), grain, [&](std::int64_t first, std::int64_t last) {
      for (std::int64_t i = first; i < last; ++i) out[i] = f(x[i]);
    });
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
Tensor clamp(const Tensor& x, double min, double max) { return unary(UnaryKind::clamp, x, min, max); }

}  // namespace minnow
