#pragma once

#include <minnow/graph/graph.h>
#include <minnow/plan/options.h>

namespace minnow {

/// Puts what one micro-batch after the other computes into a tensor of `batch` images. A plan runs the nodes down to
/// the last of these for each micro-batch, and those behind it once. The last micro-batch ends with the batch and may
/// begin with images of the one before.
class CollectOp : public Op {
 public:
  explicit CollectOp(std::int64_t images) : batch(images) {}
  std::string_view name() const override { return "collect"; }
  std::vector<TensorSpec> infer(std::span<const TensorSpec> inputs) const override;
  /// Throws: only a plan knows which images they are.
  void eval(std::span<const Tensor> inputs, std::span<Tensor> outputs) const override;

  const std::int64_t batch;
};

/// How many nodes at the front of the graph are run for each micro-batch; its images, and those of the batch.
struct MicroBatches {
  std::size_t nodes = 0;
  std::int64_t images = 1, batch = 1;
};
MicroBatches micro_batches_of(const Graph& graph);

/// Cuts the batch into micro-batches for the first nodes, which treat each image by itself, if it is expected to be
/// faster: the caches hold the activations of a few images, not those of many. Where the cut lies never depends on the
/// number of threads; how many images a micro-batch has does, and changes no bits, since kernels are chosen for one.
void cut_into_micro_batches(Graph& graph, const PlanOptions& options);

}  // namespace minnow
