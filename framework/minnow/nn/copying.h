#pragma once

#include <memory>
#include <unordered_map>

#include <minnow/core/export.h>

namespace minnow::nn {

/// While it lives, copy constructors of modules on this thread make deep copies; `clone` opens it. A module's copy puts
/// each parameter and child that it copies on the list, and the handles that its derived class holds (Parameter,
/// Child), which C++ copies after the base, find their counterparts there. So no module needs copy code of its own. The
/// outermost one has the list: a module may hold handles to what lies deep below it.
class MINNOW_API Copying {
 public:
  Copying();
  ~Copying();
  Copying(const Copying&) = delete;
  Copying& operator=(const Copying&) = delete;

  static bool active();
  static void note(const void* original, std::shared_ptr<void> copy);

  /// The copy of `original`, or `original` itself where none was made.
  template <class T>
  static std::shared_ptr<T> counterpart(const std::shared_ptr<T>& original) {
    const std::shared_ptr<void> copy = find(original.get());
    return copy ? std::static_pointer_cast<T>(copy) : original;
  }

 private:
  static std::shared_ptr<void> find(const void* original);

  std::unordered_map<const void*, std::shared_ptr<void>> copies_;
};

}  // namespace minnow::nn
