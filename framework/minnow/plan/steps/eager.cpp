#include <minnow/core/scope.h>
#include <minnow/ops/custom.h>
#include <minnow/plan/steps/steps.h>

namespace minnow {
namespace {

/// An input or an output of an op.
struct Operand {
  ValueId id;
  TensorSpec spec;  // with the physical shape
  Tensor constant;

  Tensor in(const Frame& frame) const {
    if (constant.defined()) return constant;
    return {spec.shape, spec.dtype, std::shared_ptr<std::byte>(frame.at(id), [](std::byte*) {})};
  }
};

/// Evaluates the node's op on the arrays as they lie in memory.
class EagerStep : public Step {
 public:
  EagerStep(const Node& node, std::vector<Operand> inputs, std::vector<Operand> outputs)
      : op_(node.op), path_(node.path), inputs_(std::move(inputs)), outputs_(std::move(outputs)) {}

  void run(Frame& frame) const override {
    const PathScope scope(path_);  // what depends on values may throw
    Frame::Arguments& arguments = frame.arguments.at(this);
    op_->eval(arguments.inputs, arguments.outputs);
  }

  void bind(Frame& frame) const override {
    Frame::Arguments& arguments = frame.arguments[this];
    for (const Operand& input : inputs_) arguments.inputs.push_back(input.in(frame));
    for (const Operand& output : outputs_) arguments.outputs.push_back(output.in(frame));
  }

  std::string algorithm() const override { return "eager"; }
  bool calls_user_code() const override { return dynamic_cast<const CustomOp*>(op_.get()) != nullptr; }
  bool reads_anywhere() const override { return false; }

 private:
  const std::shared_ptr<const Op> op_;
  const std::string path_;
  const std::vector<Operand> inputs_, outputs_;
};

}  // namespace

std::unique_ptr<Step> make_eager_step(const BindContext& context, std::size_t number) {
  const Graph& graph = context.lowered.graph;
  const Node& node = graph.nodes[number];
  const auto operands = [&](const std::vector<ValueId>& ids) {
    std::vector<Operand> result;
    for (const ValueId id : ids) {
      const auto& [spec, constant, origin] = graph[id];
      result.push_back({id, {physical_shape(spec.shape, context.lowered.format(id)), spec.dtype}, constant});
    }
    return result;
  };
  return std::make_unique<EagerStep>(node, operands(node.inputs), operands(node.outputs));
}

}  // namespace minnow
