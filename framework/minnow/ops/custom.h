#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include <minnow/core/export.h>
#include <minnow/ops/op.h>

namespace minnow {

/// An op of a user's own, as `custom_op` makes it.
struct MINNOW_API CustomOp final : Op {
  using ShapeRule = std::function<Shape(std::span<const Shape> inputs)>;
  using Eval = std::function<void(std::span<const Tensor> inputs, Tensor& output)>;

  CustomOp(std::string label, ShapeRule rule, Eval compute)
      : title(std::move(label)), shape_rule(std::move(rule)), evaluation(std::move(compute)) {}
  std::string_view name() const override { return title; }
  std::vector<TensorSpec> infer(std::span<const TensorSpec> inputs) const override;
  void eval(std::span<const Tensor> inputs, std::span<Tensor> outputs) const override;

  const std::string title;
  const ShapeRule shape_rule;
  const Eval evaluation;
};

/// An op of one's own, that tracing and compiling see as any other:
///
///   const auto cube = minnow::custom_op(
///       "cube", [](std::span<const Shape> inputs) { return inputs[0]; },
///       [](std::span<const Tensor> inputs, Tensor& output) { ... write output.span() ... });
///   Tensor y = cube({x});
///
/// `shape_rule` gives the output's shape and throws what is wrong with the inputs'; `eval` reads the inputs and writes
/// all of the output, a float32 tensor of that shape. It may be called from several threads at once. Within a plan the
/// tensors are places in its arena: copy what is to be kept.
class MINNOW_API CustomFunction {
 public:
  CustomFunction(std::string name, CustomOp::ShapeRule shape_rule, CustomOp::Eval eval);
  Tensor operator()(std::initializer_list<Tensor> inputs) const;
  Tensor operator()(std::span<const Tensor> inputs) const;

 private:
  std::shared_ptr<const CustomOp> op_;
};

MINNOW_API CustomFunction custom_op(std::string name, CustomOp::ShapeRule shape_rule, CustomOp::Eval eval);

}  // namespace minnow
