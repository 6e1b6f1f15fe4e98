#include <minnow/nn/copying.h>
#include <minnow/nn/module.h>

namespace minnow::nn {
namespace {

thread_local Copying* outermost_copying = nullptr;

}  // namespace

Copying::Copying(const Module& module) {
  if (!outermost_copying) outermost_copying = this;
  module.prepare_copies();
}

Copying::~Copying() {
  if (outermost_copying == this) outermost_copying = nullptr;
}

bool Copying::active() { return outermost_copying != nullptr; }

void Copying::note(const void* original, std::shared_ptr<void> copy) {
  outermost_copying->copies_.insert_or_assign(original, std::move(copy));
}

std::shared_ptr<void> Copying::find(const void* original) {
  if (!outermost_copying) return nullptr;
  const auto found = outermost_copying->copies_.find(original);
  return found == outermost_copying->copies_.end() ? nullptr : found->second;
}

}  // namespace minnow::nn
