#include <minnow/nn/copying.h>

namespace minnow::nn {
namespace {

thread_local Copying* innermost_copying = nullptr;

}  // namespace

Copying::Copying() : outer_(innermost_copying) { innermost_copying = this; }

Copying::~Copying() { innermost_copying = outer_; }

bool Copying::active() { return innermost_copying != nullptr; }

void Copying::note(const void* original, std::shared_ptr<void> copy) {
  innermost_copying->copies_.insert_or_assign(original, std::move(copy));
}

std::shared_ptr<void> Copying::find(const void* original) {
  for (const Copying* scope = innermost_copying; scope; scope = scope->outer_) {
    if (const auto found = scope->copies_.find(original); found != scope->copies_.end()) return found->second;
  }
  return nullptr;
}

}  // namespace minnow::nn
