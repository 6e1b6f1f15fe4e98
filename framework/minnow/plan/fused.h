#pragma once

#include <limits>
#include <memory>

#include <minnow/kernels/conv.h>
#include <minnow/ops/op.h>

namespace minnow {

/// A convolution or a linear layer on [N, C], and what follows it: clamp(base(x, w) * scale + shift + residual, lo,
/// hi), with scale and shift per output channel. Inputs: x, w, and scale, shift, residual as far as there are any.
class FusedOp : public Op {
 public:
  /// `base` alone: a Conv2dOp or LinearOp of the inputs x, w and, if `has_bias`, a bias, which is the shift.
  FusedOp(std::shared_ptr<const Op> base, bool has_bias) : base_(std::move(base)), shift_(has_bias) {}

  std::string_view name() const override { return base_->name(); }
  std::string attributes() const override;
  std::vector<TensorSpec> infer(std::span<const TensorSpec> inputs) const override;
  std::int64_t multiply_adds(std::span<const TensorSpec> inputs) const override {
    return base_->multiply_adds(inputs.first(2));
  }
  /// Op by op: the reference for the steps that do it at once.
  void eval(std::span<const Tensor> inputs, std::span<Tensor> outputs) const override;

  const Op& base() const { return *base_; }
  bool has_scale() const { return scale_; }
  bool has_shift() const { return shift_; }
  bool has_residual() const { return residual_; }
  bool has_clamp() const { return lo_ > -kInfinity || hi_ < kInfinity; }
  /// The bounds of the output.
  float lo() const { return lo_; }
  float hi() const { return hi_; }

  /// Where among the inputs they are.
  std::size_t scale_at() const { return 2; }
  std::size_t shift_at() const { return 2 + std::size_t{scale_}; }
  std::size_t residual_at() const { return shift_at() + std::size_t{shift_}; }

  /// The same with a scale and a shift, with a residual, with bounds.
  std::shared_ptr<FusedOp> with_affine() const;
  std::shared_ptr<FusedOp> with_residual() const;
  std::shared_ptr<FusedOp> with_clamp(float low, float high) const;

 private:
  static constexpr float kInfinity = std::numeric_limits<float>::infinity();

  std::shared_ptr<const Op> base_;
  bool scale_ = false, shift_ = false, residual_ = false;
  float lo_ = -kInfinity, hi_ = kInfinity;
};

/// The sizes of op(x, weight, ...) as kernels take them. A linear layer on [N, C] is a 1x1 convolution of one picture
/// of N pixels.
kernels::ConvShape conv_shape(const FusedOp& op, const Shape& x, const Shape& weight);

}  // namespace minnow
