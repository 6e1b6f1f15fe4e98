#pragma once

#include <functional>
#include <span>

#include <minnow/core/tensor.h>

namespace minnow::nn {

class Module;

/// How modules are called on this thread while it lives, for those who run a model in order to look at it: as in eval
/// mode whatever their mode is, and with `observe`, if any, after each call.
class ObservedCalls {
 public:
  using Observe = std::function<void(const Module&, std::span<const Tensor> inputs, const Tensor& output)>;

  explicit ObservedCalls(Observe observe = {});
  ~ObservedCalls();
  ObservedCalls(const ObservedCalls&) = delete;
  ObservedCalls& operator=(const ObservedCalls&) = delete;

  /// The innermost one of this thread, or null.
  static const ObservedCalls* current();
  void notify(const Module& module, std::span<const Tensor> inputs, const Tensor& output) const;

 private:
  Observe observe_;
  const ObservedCalls* outer_;
};

}  // namespace minnow::nn
