#pragma once

#include <memory>
#include <unordered_map>

#include <minnow/core/export.h>

namespace minnow::nn {

class Module;

/// While it lives, copy constructors of modules on this thread make deep copies; `clone` opens it. It makes a copy of
/// every parameter, and a place for the copy of every child, below a module beforehand. The handles that modules hold
/// (Parameter, Child), which C++ copies wherever they stand, find their counterparts here. So no module needs copy code
/// of its own. A clone within a clone has copies of its own, and finds those of the outer one as well.
class MINNOW_API Copying {
 public:
  explicit Copying(const Module& module);
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

  struct Copy {
    std::shared_ptr<void> original;  // kept, so that its address names nothing else
    std::shared_ptr<void> copy;
  };

  // Makes it the innermost one, also while the constructor runs.
  struct MINNOW_API Scope {
    explicit Scope(Copying* copying);
    ~Scope();
    Copying* outer;
  };

  static void note(std::shared_ptr<void> original, std::shared_ptr<void> copy);
  static std::shared_ptr<void> find(const void* original);

  std::unordered_map<const void*, Copy> copies_;
  Scope scope_;
};

}  // namespace minnow::nn
