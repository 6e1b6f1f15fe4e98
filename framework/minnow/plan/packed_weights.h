#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <minnow/graph/graph.h>
#include <minnow/kernels/conv.h>
#include <minnow/plan/memory.h>

namespace minnow {

/// Memory for packing the weights of one plan, layer after layer. Fresh pages for each layer would cost more than what
/// is done in them.
class PackingMemory {
 public:
  /// Each row of `weight` times its `scale`, until the next call.
  const float* scaled(const Tensor& weight, const Tensor& scale);

  PagePool packed;

 private:
  std::shared_ptr<std::byte> scaled_;
  std::int64_t scaled_bytes_ = 0;
};

/// The packed weights of a model, shared by its plans: what was packed for one input size serves the next, for as long
/// as a plan holds it.
class PackedWeights {
 public:
  /// `weight`, each output channel times its `scale` (a constant, or null), as `kernel` wants it. Uses all threads.
  std::shared_ptr<std::byte> get(const kernels::ConvKernel& kernel, const kernels::ConvShape& shape,
                                 const Value& weight, const Value* scale, PackingMemory& memory);

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
