#include <minnow/nn/copying.h>
#include <minnow/nn/module.h>

namespace minnow::nn {
namespace {

thread_local Copying* innermost_copying = nullptr;

}  // namespace

Copying::Scope::Scope(Copying* copying) : outer(std::exchange(innermost_copying, copying)) {}

Copying::Scope::~Scope() { innermost_copying = outer; }

Copying::Copying(const Module& module) : scope_(this) {
  if (!module.path().empty()) {  // a part becomes a model whose paths are others: what is not drawn yet would differ
    for (const NamedParameter& entry : module.state_dict()) (void)entry.parameter.value();
  }
  module.prepare_copies();
}

bool Copying::active() { return innermost_copying != nullptr; }

void Copying::note(std::shared_ptr<void> original, std::shared_ptr<void> copy) {
  const void* const address = original.get();
  innermost_copying->copies_.insert_or_assign(address, Copy{std::move(original), std::move(copy)});
}

std::shared_ptr<void> Copying::find(const void* original) {
  for (const Copying* copying = innermost_copying; copying; copying = copying->scope_.outer) {
    const auto found = copying->copies_.find(original);
    if (found != copying->copies_.end()) return found->second.copy;
  }
  return nullptr;
}

}  // namespace minnow::nn
