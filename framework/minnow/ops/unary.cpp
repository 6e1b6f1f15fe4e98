#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <optional>

#include <minnow/core/threads.h>
#include <minnow/ops/check.h>
#include <minnow/ops/kernels.h>
#include <minnow/ops/unary.h>

namespace minnow {
namespace {

struct Function {
  const char* name;
  std::optional<kernels::Unary> kernel;
};

// In the order of UnaryKind. Sine and cosine have no kernel: xsimd's, of an element, depend on its neighbours.
constexpr Function kFunctions[] = {
    {"neg", kernels::Unary::neg},
    {"abs", kernels::Unary::abs},
    {"exp", kernels::Unary::exp},
    {"log", kernels::Unary::log},
    {"log1p", kernels::Unary::log1p},
    {"sqrt", kernels::Unary::sqrt},
    {"rsqrt", kernels::Unary::rsqrt},
    {"square", kernels::Unary::square},
    {"reciprocal", kernels::Unary::reciprocal},
    {"sign", kernels::Unary::sign},
    {"floor", kernels::Unary::floor},
    {"ceil", kernels::Unary::ceil},
    {"round", kernels::Unary::round},
    {"sin", std::nullopt},
    {"cos", std::nullopt},
    {"tanh", kernels::Unary::tanh},
    {"sigmoid", kernels::Unary::sigmoid},
    {"erf", kernels::Unary::erf},
    {"relu", kernels::Unary::relu},
    {"leaky_relu", kernels::Unary::leaky_relu},
    {"silu", kernels::Unary::silu},
    {"gelu", kernels::Unary::gelu},
    {"hardswish", kernels::Unary::hardswish},
    {"hardsigmoid", kernels::Unary::hardsigmoid},
    {"elu", kernels::Unary::elu},
    {"softplus", kernels::Unary::softplus},
    {"clamp", kernels::Unary::clamp},
};
static_assert(std::size(kFunctions) == static_cast<std::size_t>(UnaryKind::clamp) + 1);

const Function& function_of(UnaryKind kind) { return kFunctions[static_cast<std::size_t>(kind)]; }

Tensor unary(UnaryKind kind, const Tensor& x, double alpha = 0, double beta = 0) {
  return apply<UnaryOp>({x}, kind, static_cast<float>(alpha), static_cast<float>(beta));
}

}  // namespace

const char* name_of(UnaryKind kind) { return function_of(kind).name; }

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
  constexpr std::int64_t grain = grain_of(1);
  const std::optional<kernels::Unary> kernel = function_of(kind).kernel;
  const kernels::Table& table = kernels::table();
  parallel_for(inputs[0].numel(), grain, [&](std::int64_t first, std::int64_t last) {
    if (kernel) return table.unary({*kernel, x + first, out + first, last - first, alpha, beta});
    for (std::int64_t i = first; i < last; ++i) out[i] = kind == UnaryKind::sin ? std::sin(x[i]) : std::cos(x[i]);
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
