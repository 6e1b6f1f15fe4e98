#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <minnow/graph/graph.h>
#include <minnow/kernels/conv.h>

namespace minnow {

/// Weights times their scales, in memory that serves one layer after the other while a plan is made: fresh pages for
/// each would cost more than what is done in them.
class ScaledWeights {
 public:
  /// Each row of `weight` times its `scale`, until the next call.
  const float* of(const Tensor& weight, const Tensor& scale);

 private:
  std::shared_ptr<std::byte> memory_;
  std::int64_t bytes_ = 0;
};

/// The packed weights of a model, shared by its plans: what was packed for one input size serves the next, for as long
/// as a plan holds it.
class PackedWeights {
 public:
  /// `weight`, each output channel times its `scale` (a constant, or null), as `kernel` wants it. Uses all threads.
  std::shared_ptr<std::byte> get(const kernels::ConvKernel& kernel, const kernels::ConvShape& shape,
                                 const Value& weight, const Value* scale, ScaledWeights& scaled);

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
