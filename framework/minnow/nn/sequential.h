#pragma once

#include <minnow/core/export.h>
#include <minnow/nn/module.h>

namespace minnow::nn {

/// Modules one after the other, called "0", "1", ...; functions from Tensor to Tensor are modules, too.
/// https://pytorch.org/docs/stable/generated/torch.nn.Sequential.html
///
/// `Sequential(Sequential(a, b))` is a move in C++, hence the same as `Sequential(a, b)`. To nest a single one, write
/// `Sequential::of(Sequential(a, b))`, which makes one child of each argument whatever it is.
struct MINNOW_API Sequential : Module {
  Sequential() = default;

  template <class... Modules>
  requires(std::constructible_from<AnyModule, Modules&&>&&...) &&
      (sizeof...(Modules) > 1 || !(std::derived_from<std::remove_cvref_t<Modules>, Sequential> &&
                                   ...)) explicit Sequential(Modules&&... modules) {
    (push_back(AnyModule(std::forward<Modules>(modules))), ...);
  }

  template <class... Modules>
  static Sequential of(Modules&&... modules) {
    Sequential result;
    (result.push_back(AnyModule(std::forward<Modules>(modules))), ...);
    return result;
  }

  Sequential& push_back(AnyModule module);

  std::size_t size() const { return items_.size(); }
  bool empty() const { return items_.empty(); }
  /// The i-th module. Throws beyond the last.
  Module& operator[](std::size_t i) const;

  auto begin() const { return items_.begin(); }
  auto end() const { return items_.end(); }

  Tensor forward(const Tensor& x) const override;

 private:
  std::vector<Child<Module>> items_;
};

}  // namespace minnow::nn
