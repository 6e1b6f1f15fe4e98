#include <algorithm>
#include <cstring>

#include <minnow/core/error.h>
#include <minnow/ops/binary.h>
#include <minnow/ops/conv_shape.h>
#include <minnow/ops/unary.h>
#include <minnow/plan/fused.h>

namespace minnow {
namespace {

Tensor per_channel(const Tensor& values, int rank) {
  Shape shape{1, values.numel()};
  while (shape.rank() < rank) shape.push_back(1);
  return values.with_shape(shape);
}

Tensor evaluate_one(const Op& op, std::initializer_list<Tensor> inputs) {
  return evaluate(op, std::span(inputs.begin(), inputs.size())).front();
}

}  // namespace

std::string FusedOp::attributes() const {
  std::string text = base_->attributes();
  const auto add = [&](const std::string& part) { text += (text.empty() ? "" : " ") + part; };
  if (scale_) add("+scale");
  if (shift_) add("+shift");
  if (residual_) add("+residual");
  if (has_clamp()) add(str("+clamp(", lo_, ", ", hi_, ")"));
  return text;
}

std::vector<TensorSpec> FusedOp::infer(std::span<const TensorSpec> inputs) const {
  return base_->infer(inputs.first(2));
}

void FusedOp::eval(std::span<const Tensor> inputs, std::span<Tensor> outputs) const {
  Tensor y = evaluate(*base_, inputs.first(2)).front();
  if (scale_) y = evaluate_one(BinaryOp(BinaryKind::mul), {y, per_channel(inputs[scale_at()], y.rank())});
  if (shift_) y = evaluate_one(BinaryOp(BinaryKind::add), {y, per_channel(inputs[shift_at()], y.rank())});
  if (residual_) y = evaluate_one(BinaryOp(BinaryKind::add), {y, inputs[residual_at()]});
  if (has_clamp()) y = evaluate_one(UnaryOp(UnaryKind::clamp, lo_, hi_), {y});
  std::copy_n(y.data(), y.numel(), outputs[0].data());
}

std::shared_ptr<FusedOp> FusedOp::with_affine() const {
  auto result = std::make_shared<FusedOp>(*this);
  result->scale_ = result->shift_ = true;
  return result;
}

std::shared_ptr<FusedOp> FusedOp::with_residual() const {
  auto result = std::make_shared<FusedOp>(*this);
  result->residual_ = true;
  return result;
}

std::shared_ptr<FusedOp> FusedOp::with_clamp(float low, float high) const {
  auto result = std::make_shared<FusedOp>(*this);
  result->lo_ = low;
  result->hi_ = high;
  return result;
}

kernels::ConvShape conv_shape(const FusedOp& op, const Shape& x, const Shape& weight) {
  if (const auto* conv = dynamic_cast<const Conv2dOp*>(&op.base())) return conv_shape(x, weight, conv->options);
  return {.in_channels = x[1], .in_w = x[0], .out_channels = weight[0], .out_w = x[0]};
}

}  // namespace minnow
