#include <minnow/core/random.h>
#include <minnow/ops/check.h>
#include <minnow/ops/dropout.h>

namespace minnow {

std::vector<TensorSpec> DropoutOp::infer(std::span<const TensorSpec> inputs) const {
  detail::expect_float32(name(), inputs);
  return {inputs[0]};
}

void DropoutOp::eval(std::span<const Tensor> inputs, std::span<Tensor> outputs) const {
  const float* x = inputs[0].data();
  float* y = outputs[0].data();
  fill_uniform(outputs[0].span(), 0.0f, 1.0f, seed);
  const auto scale = static_cast<float>(p < 1 ? 1 / (1 - p) : 0);
  for (std::int64_t i = 0; i < outputs[0].numel(); ++i) y[i] = x[i] * (static_cast<double>(y[i]) < p ? 0.0f : scale);
}

Tensor dropout(const Tensor& x, double p, bool training) {
  if (!(p >= 0 && p <= 1)) fail("dropout: p must lie between 0 and 1, got ", p);
  return training && p > 0 ? apply<DropoutOp>({x}, p, next_seed()) : x;
}

}  // namespace minnow
