#include <minnow/nn/call.h>

namespace minnow::nn {
namespace {

thread_local const ObservedCalls* innermost = nullptr;

}  // namespace

ObservedCalls::ObservedCalls(Observe observe) : observe_(std::move(observe)), outer_(innermost) { innermost = this; }

ObservedCalls::~ObservedCalls() { innermost = outer_; }

const ObservedCalls* ObservedCalls::current() { return innermost; }

void ObservedCalls::notify(const Module& module, std::span<const Tensor> inputs, const Tensor& output) const {
  if (observe_) observe_(module, inputs, output);
}

}  // namespace minnow::nn
