#include <cstring>

#include <minnow/plan/micro_batches.h>
#include <minnow/plan/steps/steps.h>

namespace minnow {
namespace {

/// Copies what a round computed behind what those before it did.
class CollectStep : public Step {
 public:
  CollectStep(ValueId from, ValueId to, std::int64_t bytes) : from_(from), to_(to), bytes_(bytes) {}

  void run(Frame& frame) const override {
    std::memcpy(frame.at(to_) + frame.round * bytes_, frame.at(from_), static_cast<std::size_t>(bytes_));
  }
  std::string algorithm() const override { return "copy"; }

 private:
  ValueId from_, to_;
  std::int64_t bytes_;
};

}  // namespace

std::unique_ptr<Step> make_collect_step(const BindContext& context, std::size_t number) {
  const Node& node = context.lowered.graph.nodes[number];
  if (!dynamic_cast<const CollectOp*>(node.op.get())) return nullptr;
  const ValueId from = node.inputs[0];
  const std::int64_t bytes = bytes_of(context.lowered.graph[from].spec.shape, context.lowered.format(from));
  return std::make_unique<CollectStep>(from, node.outputs[0], bytes);
}

}  // namespace minnow
