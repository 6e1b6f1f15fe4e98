#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <minnow/graph/graph.h>
#include <minnow/kernels/conv.h>
#include <minnow/plan/memory.h>

namespace minnow {

/// The packed weights of a model, shared by its plans: what was packed for one input size serves the next, for as long
/// as a plan holds it.
class PackedWeights {
 public:
  /// `weight`, each output channel times its `scale` (a constant, or null), as `kernel` wants it, in `memory` of the
  /// plan: fresh pages for each layer would cost more than what is done in them. Uses all threads.
  std::shared_ptr<std::byte> get(const kernels::ConvKernel& kernel, const kernels::ConvShape& shape,
                                 const Value& weight, const Value* scale, PagePool& memory);

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
