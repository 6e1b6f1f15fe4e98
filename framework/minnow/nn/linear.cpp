#include <cmath>

#include <minnow/core/error.h>
#include <minnow/nn/linear.h>
#include <minnow/ops/linear.h>

namespace minnow::nn {
namespace {

// torch's default: Kaiming's uniform distribution with a = sqrt(5).
Init fan_in_uniform(std::int64_t fan_in) {
  const float bound = fan_in > 0 ? 1.0f / std::sqrt(static_cast<float>(fan_in)) : 0.0f;
  return Init::uniform(-bound, bound);
}

}  // namespace

Linear::Linear(std::int64_t in, std::int64_t out, LinearOptions options)
    : in_features(in),
      out_features(out),
      weight(parameter("weight", {out, in}, fan_in_uniform(in))),
      bias(options.bias ? parameter("bias", {out}, fan_in_uniform(in)) : Parameter()) {}

Tensor Linear::forward(const Tensor& x) const { return linear(x, weight, bias); }

std::string Linear::extra_repr() const {
  return str("in_features=", in_features, ", out_features=", out_features,
             ", bias=", bias.defined() ? "True" : "False");
}

}  // namespace minnow::nn
