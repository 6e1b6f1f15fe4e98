#pragma once

#include <minnow/graph/graph.h>
#include <minnow/plan/options.h>

namespace minnow {

/// Puts what one micro-batch after the other computes into one tensor. A plan runs the nodes down to the last of these
/// `rounds` times, each time on the next images of its input, and those behind it once.
class CollectOp : public Op {
 public:
  explicit CollectOp(std::int64_t count) : rounds(count) {}
  std::string_view name() const override { return "collect"; }
  std::string attributes() const override;
  std::vector<TensorSpec> infer(std::span<const TensorSpec> inputs) const override;
  /// Throws: only a plan knows the rounds.
  void eval(std::span<const Tensor> inputs, std::span<Tensor> outputs) const override;

  const std::int64_t rounds;
};

/// How many nodes at the front of the graph are run again and again, and how often.
struct MicroBatches {
  std::size_t nodes = 0;
  std::int64_t rounds = 1;
};
MicroBatches micro_batches_of(const Graph& graph);

/// Cuts the batch into micro-batches for the first nodes, which treat each image by itself, if it is expected to be
/// faster: the caches hold the activations of a few images, not those of many. Where the cut lies never depends on the
/// number of threads; how many images a micro-batch has does, and changes no bits, since kernels are chosen for one.
void cut_into_micro_batches(Graph& graph, const PlanOptions& options);

}  // namespace minnow
