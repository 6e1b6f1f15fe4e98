#include <cstring>

#include <minnow/plan/micro_batches.h>
#include <minnow/plan/steps/steps.h>

namespace minnow {
namespace {

/// Copies what was computed of a micro-batch to its place in the batch.
class CollectStep : public Step {
 public:
  CollectStep(ValueId from, ValueId to, std::int64_t bytes, std::int64_t images)
      : from_(from), to_(to), bytes_(bytes), image_bytes_(bytes / images) {}

  void run(Frame& frame) const override {
    std::memcpy(frame.at(to_) + frame.image * image_bytes_, frame.at(from_), static_cast<std::size_t>(bytes_));
  }
  std::string algorithm() const override { return "copy"; }

 private:
  ValueId from_, to_;
  std::int64_t bytes_, image_bytes_;
};

}  // namespace

std::unique_ptr<Step> make_collect_step(const BindContext& context, std::size_t number) {
  const Node& node = context.lowered.graph.nodes[number];
  if (!dynamic_cast<const CollectOp*>(node.op.get())) return nullptr;
  const ValueId from = node.inputs[0];
  const Shape& shape = context.lowered.graph[from].spec.shape;
  return std::make_unique<CollectStep>(from, node.outputs[0], bytes_of(shape, context.lowered.format(from)), shape[0]);
}

}  // namespace minnow
