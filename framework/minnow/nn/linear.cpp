#include <minnow/nn/init.h>
#include <minnow/nn/linear.h>
#include <minnow/nn/repr.h>
#include <minnow/ops/linear.h>

namespace minnow::nn {

Linear::Linear(std::int64_t in, std::int64_t out, LinearOptions options)
    : in_features(in),
      out_features(out),
      weight(parameter("weight", {out, in}, fan_in_uniform(in))),
      bias(options.bias ? parameter("bias", {out}, fan_in_uniform(in)) : Parameter()) {}

Tensor Linear::forward(const Tensor& x) const { return linear(x, weight, bias); }

std::string Linear::extra_repr() const {
  return str("in_features=", in_features, ", out_features=", out_features, ", bias=", repr(bias.defined()));
}

}  // namespace minnow::nn
