#pragma once

#include <minnow/core/export.h>
#include <minnow/ops/op.h>

namespace minnow {

/// Inputs: x, weight and, if there is one, bias.
struct MINNOW_API LinearOp final : Op {
  std::string_view name() const override { return "linear"; }
  std::vector<TensorSpec> infer(std::span<const TensorSpec> inputs) const override;
  std::int64_t multiply_adds(std::span<const TensorSpec> inputs) const override;
  void eval(std::span<const Tensor> inputs, std::span<Tensor> outputs) const override;
};

constexpr Shape linear_shape(const Shape& x, const Shape& weight) {
  if (weight.rank() != 2) fail("linear: expected a weight [out, in], got ", weight);
  if (x.rank() == 0 || x[-1] != weight[1]) {
    fail("linear: expected ", weight[1], " input features (weight ", weight, "), got the input ", x);
  }
  Shape out = x;
  out[-1] = weight[0];
  return out;
}

/// x weight^T + bias: [..., in] -> [..., out], with weight [out, in] and bias [out] or undefined.
/// https://pytorch.org/docs/stable/generated/torch.nn.functional.linear.html
MINNOW_API Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias = {});

}  // namespace minnow
