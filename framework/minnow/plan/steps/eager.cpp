#include <minnow/core/scope.h>
#include <minnow/ops/custom.h>
#include <minnow/plan/steps/steps.h>

namespace minnow {
namespace {

/// Evaluates the node's op on the arrays as they lie in memory.
class EagerStep : public Step {
 public:
  EagerStep(const Node& node, std::size_t arguments) : op_(node.op), path_(node.path), arguments_(arguments) {}

  void run(Frame& frame) const override {
    const PathScope scope(path_);  // what depends on values may throw
    Frame::Arguments& arguments = frame.arguments[arguments_];
    op_->eval(arguments.inputs, arguments.outputs);
  }

  void bind(Frame& frame) const override {
    Frame::Arguments arguments;
    for (const Operand& input : inputs) arguments.inputs.push_back(input.in(frame));
    for (const Operand& output : outputs) arguments.outputs.push_back(output.in(frame));
    frame.arguments.push_back(std::move(arguments));
  }

  std::string algorithm() const override { return "eager"; }
  bool calls_user_code() const override { return dynamic_cast<const CustomOp*>(op_.get()) != nullptr; }
  bool reads_anywhere() const override { return false; }

  struct Operand {
    ValueId id;
    TensorSpec spec;  // with the physical shape
    Tensor constant;

    Tensor in(const Frame& frame) const {
      if (constant.defined()) return constant;
      return {spec.shape, spec.dtype, std::shared_ptr<std::byte>(frame.at(id), [](std::byte*) {})};
    }
  };
  std::vector<Operand> inputs, outputs;

 private:
  std::shared_ptr<const Op> op_;
  std::string path_;
  std::size_t arguments_;
};

}  // namespace

std::unique_ptr<Step> make_eager_step(const BindContext& context, std::size_t number) {
  const Graph& graph = context.lowered.graph;
  const Node& node = graph.nodes[number];
  auto step = std::make_unique<EagerStep>(node, context.arguments++);
  const auto operand = [&](ValueId id) {
    const Value& value = graph[id];
    return EagerStep::Operand{
        id, {physical_shape(value.spec.shape, context.lowered.format(id)), value.spec.dtype}, value.constant};
  };
  for (const ValueId input : node.inputs) step->inputs.push_back(operand(input));
  for (const ValueId output : node.outputs) step->outputs.push_back(operand(output));
  return step;
}

}  // namespace minnow
