#pragma once

#include <cstdint>

#include <minnow/core/export.h>
#include <minnow/ops/op.h>

namespace minnow {

/// Carries the seed of its draw: the same op gives the same result each time.
struct MINNOW_API DropoutOp final : Op {
  DropoutOp(double probability, std::uint64_t draw_seed) : p(probability), seed(draw_seed) {}
  std::string_view name() const override { return "dropout"; }
  std::string attributes() const override { return str("p=", p, " seed=", seed); }
  std::vector<TensorSpec> infer(std::span<const TensorSpec> inputs) const override;
  void eval(std::span<const Tensor> inputs, std::span<Tensor> outputs) const override;

  const double p;
  const std::uint64_t seed;
};

/// In training mode each element becomes zero with probability `p`, from 0 to 1, and the others are scaled by
/// 1 / (1 - p). Otherwise the result is `x` itself. Drawn from the generator that `manual_seed` sets.
/// https://pytorch.org/docs/stable/generated/torch.nn.Dropout.html
MINNOW_API Tensor dropout(const Tensor& x, double p = 0.5, bool training = true);

}  // namespace minnow
