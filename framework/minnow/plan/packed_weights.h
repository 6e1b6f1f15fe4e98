#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <minnow/graph/graph.h>
#include <minnow/kernels/conv.h>

namespace minnow {

/// The packed weights of a model, shared by its plans: what was packed for one input size serves the next.
class PackedWeights {
 public:
  /// `weight`, each output channel times its `scale` (a constant, or null), as `kernel` wants it. Uses all threads.
  std::shared_ptr<std::byte> get(const kernels::ConvKernel& kernel, const kernels::ConvShape& shape,
                                 const Value& weight, const Value* scale);

  std::int64_t bytes() const { return bytes_; }

 private:
  struct Entry {
    std::shared_ptr<std::byte> packed;
    std::vector<Tensor> origin;  // keeps the addresses that are its name
  };

  std::map<std::pair<std::string, std::vector<const void*>>, Entry> entries_;
  std::int64_t bytes_ = 0;
};

}  // namespace minnow
