#pragma once

#include <memory>
#include <unordered_map>

#include <minnow/core/export.h>

namespace minnow::nn {

class Module;

/// While it lives, copy constructors of modules on this thread make deep copies; `clone` opens it. It makes a copy of
/// every parameter, and a place for the copy of every child, below a module beforehand. The handles that modules hold
/// (Parameter, Child), which C++ copies wherever they stand, find their counterparts here. So no module needs copy code
/// of its own. The outermost one has the list: a module may hold handles to what lies elsewhere in the tree.
class MINNOW_API Copying {
 public:
  explicit Copying(const Module& module);
  ~Copying();
  Copying(const Copying&) = delete;
  Copying& operator=(const Copying&) = delete;

  static bool active();

  /// The copy of `original`, or `original` itself where none is made.
  template <class T>
  static std::shared_ptr<T> counterpart(const std::shared_ptr<T>& original) {
    const std::shared_ptr<void> copy = find(original.get());
    return copy ? std::static_pointer_cast<T>(copy) : original;
  }

 private:
  friend class Module;

  static void note(const void* original, std::shared_ptr<void> copy);
  static std::shared_ptr<void> find(const void* original);

  std::unordered_map<const void*, std::shared_ptr<void>> copies_;
};

}  // namespace minnow::nn
