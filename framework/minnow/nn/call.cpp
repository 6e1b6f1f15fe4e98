#include <minnow/nn/call.h>

namespace minnow::nn {
namespace {

thread_local const ObservedCalls* innermost_observer = nullptr;

}  // namespace

ObservedCalls::ObservedCalls(Observe observe) : observe_(std::move(observe)), outer_(innermost_observer) {
  innermost_observer = this;
}

ObservedCalls::~ObservedCalls() { innermost_observer = outer_; }

const ObservedCalls* ObservedCalls::current() { return innermost_observer; }

void ObservedCalls::notify(const Module& module, std::span<const Tensor> inputs, const Tensor& output) const {
  if (observe_) observe_(module, inputs, output);
}

}  // namespace minnow::nn
