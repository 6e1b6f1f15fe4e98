#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <minnow/graph/graph.h>
#include <minnow/kernels/conv.h>
#include <minnow/plan/memory.h>

namespace minnow {

/// The weights that are to be packed for a plan, and their memory.
class Packing {
 public:
  /// The memory for weights as `kernel` wants them. They are read, and it is written, by run().
  std::shared_ptr<std::byte> add(const kernels::ConvKernel& kernel, const kernels::ConvShape& shape,
                                 const kernels::ConvWeights& weights);

  /// Packs all of them with all threads, which share the work as they find time: fresh pages keep one waiting longer
  /// than another.
  void run();

 private:
  struct Job {
    const kernels::ConvKernel& kernel;
    kernels::ConvShape shape;
    kernels::ConvWeights weights;
    std::shared_ptr<std::byte> packed;
  };
  std::vector<Job> jobs_;
  PagePool memory_;
};

/// The packed weights of a model, shared by its plans: what was packed for one input size serves the next, for as long
/// as a plan holds it.
class PackedWeights {
 public:
  /// `weight`, each output channel times its `scale` (a constant, or null), as `kernel` wants it: what a plan holds
  /// already, or what `packing` will have written.
  std::shared_ptr<std::byte> get(const kernels::ConvKernel& kernel, const kernels::ConvShape& shape,
                                 const Value& weight, const Value* scale, Packing& packing);

  /// Of all that plans hold.
  std::int64_t bytes() const;

 private:
  struct Entry {
    std::weak_ptr<std::byte> packed;
    std::int64_t bytes = 0;
  };

  std::map<std::pair<std::string, std::vector<const void*>>, Entry> entries_;
};

}  // namespace minnow
