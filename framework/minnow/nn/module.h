#pragma once

#include <concepts>
#include <functional>
#include <memory>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <typeinfo>
#include <utility>
#include <vector>

#include <minnow/core/export.h>
#include <minnow/core/tensor.h>
#include <minnow/nn/copying.h>
#include <minnow/nn/inputs.h>
#include <minnow/nn/parameter.h>

namespace minnow::nn {

class AnyModule;
class Module;
template <class M>
class Child;

namespace detail {
struct Place;
[[noreturn]] MINNOW_API void refuse_moved();

/// A module that is an lvalue, or a handle to one.
template <class M>
concept StandsElsewhere = std::convertible_to<M&, const Module&> && !std::same_as<std::remove_cvref_t<M>, AnyModule> &&
                          (std::is_lvalue_reference_v<M> || !std::derived_from<M, Module>);
}  // namespace detail

struct NamedModule {
  std::string path;  // "layer1.0"; empty for the root
  const Module* module;
};

/// What `state_dict` returns: every parameter and buffer with its path, in torch's order.
class MINNOW_API StateDict : public std::vector<NamedParameter> {
 public:
  bool contains(std::string_view name) const;
  /// The entry called `name`. Throws where there is none.
  const Parameter& operator[](std::string_view name) const;
  using std::vector<NamedParameter>::operator[];
};

/// Sees the inputs and the output of a module after each call.
using ForwardHook = std::function<void(const Module&, std::span<const Tensor> inputs, const Tensor& output)>;

/// Named parameters, named children, and a `forward` made of ops. Derive from it, add children and parameters where the
/// members are declared, and write `forward`:
///
///     struct Net : nn::Module {
///       nn::Child<nn::Conv2d> conv = add("conv", nn::Conv2d(3, 8, 3));
///       Tensor forward(const Tensor& x) const override { return relu(conv(x)); }
///     };
///
/// What is a member without `add` or `parameter` takes part in no list: it has no path, is not saved, and keeps its
/// mode. Modules move. They are copied only by `clone(model)`, deeply; a plain copy throws. A class that is not to be
/// cloned, since it holds a std::vector of std::unique_ptr, say, deletes its copy constructor. They start in training
/// mode.
class MINNOW_API Module {
 public:
  Module() = default;
  Module(Module&& other) noexcept;
  /// Throws where this module stands below `other`, and where the two are of different kinds.
  Module& operator=(Module&& other);
  virtual ~Module();

  /// Calls `forward`, inside the module's path, and then the hooks.
  Tensor operator()(const Tensor& x) const { return call({&x, 1}); }
  template <std::same_as<Tensor>... More>
  Tensor operator()(const Tensor& first, const Tensor& second, const More&... more) const {
    const Tensor inputs[] = {first, second, more...};
    return call(inputs);
  }
  Tensor call(std::span<const Tensor> inputs) const;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverloaded-virtual"  // who overrides one hides the other, which `call` still finds
  /// What the module computes. A module of one input overrides the first, of several the second:
  ///     Tensor forward(const nn::Inputs& inputs) const override { return inputs[0] + inputs[1]; }
  virtual Tensor forward(const Tensor& x) const;
  virtual Tensor forward(const Inputs& inputs) const;
#pragma GCC diagnostic pop

  /// The class as it is printed ("Conv2d"), and what stands in its brackets ("3, 64, kernel_size=(7, 7)").
  virtual std::string kind() const;
  virtual std::string extra_repr() const { return {}; }

  /// All below this module, with paths, in torch's order: a module's own before its children's. They draw nothing.
  std::vector<NamedParameter> named_parameters() const;
  std::vector<NamedParameter> named_buffers() const;
  std::vector<NamedModule> named_modules() const;
  StateDict state_dict() const;
  /// The number of learned values: buffers do not count.
  std::int64_t num_parameters() const;

  /// The module's own children, with their names.
  std::vector<NamedModule> children() const;
  /// The module at `path`, "" for this one. Throws where there is none, or not of kind M.
  const Module& get(std::string_view path) const;
  Module& get(std::string_view path) { return const_cast<Module&>(std::as_const(*this).get(path)); }
  template <std::derived_from<Module> M>
  M& get(std::string_view path) {
    return as<M>(get(path));
  }
  /// Puts another module, of any kind, in the place at `path`; it takes over training or eval mode.
  void replace(std::string_view path, AnyModule module);

  void train(bool training = true);
  void eval() { train(false); }
  bool is_training() const;

  /// Calls `hook` after each call of the module at `path` that computes; summary() computes nothing. Returns a number
  /// for remove_forward_hook, which a hook may call, too.
  int register_forward_hook(std::string_view path, ForwardHook hook);
  void remove_forward_hook(std::string_view path, int number);
  bool has_hooks() const;  // here or below

  /// Expires when the module moves, is assigned to or dies: for those who refer to it.
  std::weak_ptr<const void> life() const;

  /// The path from the root of the model that this module is in.
  std::string path() const;

  /// `module` as an M. Throws where it is of another kind.
  template <std::derived_from<Module> M>
  static M& as(Module& module) {
    if (auto* same = dynamic_cast<M*>(&module)) return *same;
    wrong_kind(module, typeid(M));
  }

 protected:
  /// For `clone` alone: throws elsewhere.
  Module(const Module& other);
  Module& operator=(const Module&) = delete;

  /// Adds a child, an rvalue: a module or, in an AnyModule, one of any kind. Names are unique and without dots.
  template <class M>
  requires std::derived_from<std::remove_cvref_t<M>, Module> Child<std::remove_cvref_t<M>> add(std::string name,
                                                                                               M&& module);
  /// The same for one whose kind is known at run time alone.
  Child<Module> add(std::string name, AnyModule module);

  /// Adds a parameter or a buffer. It has no values until it is used or assigned.
  Parameter parameter(std::string name, const Shape& shape, Init init);
  Parameter buffer(std::string name, const Shape& shape, Init init, DType dtype = DType::float32);

 private:
  friend class AnyModule;
  friend class Copying;
  friend struct detail::Place;
  template <std::derived_from<Module> M>
  friend M clone(const M& module);

  [[noreturn]] static void wrong_kind(const Module& module, const std::type_info& expected);
  [[noreturn]] static void refuse_part(const Module& module, const std::type_info& part);
  /// `module`, which is to be moved as an M. Throws where it is more than an M, the rest of which would be lost.
  template <class M>
  static M&& whole(M&& module) {
    if (typeid(module) != typeid(M)) refuse_part(module, typeid(M));
    return std::move(module);
  }
  std::shared_ptr<detail::Place> add_place(std::string name, AnyModule module);
  Parameter add_parameter(Parameter::Record record);
  void check_name(const std::string& name) const;
  /// Notes copies of all below this module, which are noted together.
  void prepare_copies() const;
  bool has_copies() const;
  /// The child that `module` is, or is below; null where there is none.
  std::shared_ptr<detail::Place> child_with(const Module& module) const;
  void adopt();
  void disown();
  void retire() const;

  detail::Place* place_ = nullptr;  // where it stands in its parent; belongs to the place, not to the value
  std::vector<std::shared_ptr<detail::Place>> children_;
  std::vector<std::shared_ptr<detail::Place>> former_children_;  // kept: a module below was moved to this one
  std::vector<Parameter> parameters_;                            // parameters and buffers
  std::vector<std::pair<int, std::shared_ptr<const ForwardHook>>> hooks_;
  int next_hook_ = 0;
  bool training_ = true;
  mutable std::shared_ptr<const void> life_;  // made when it is first asked for
};

/// The module as torch prints it.
MINNOW_API std::ostream& operator<<(std::ostream& out, const Module& module);

/// Owns a module of any kind, as std::any owns a value; also a module made of a function from Tensor to Tensor.
class MINNOW_API AnyModule {
 public:
  template <class M>
  requires(std::derived_from<M, Module> && !std::is_lvalue_reference_v<M> && !std::is_const_v<M>) AnyModule(M&& module)
      : module_(std::make_unique<M>(Module::whole(std::move(module)))), copy_(copier<M>()) {}

  template <class F>
  requires(std::invocable<const F&, const Tensor&> && !std::derived_from<F, Module> && !std::same_as<F, AnyModule> &&
           !std::is_lvalue_reference_v<F>) AnyModule(F&& function)
      : AnyModule(std::function<Tensor(const Tensor&)>(std::move(function))) {}
  AnyModule(std::function<Tensor(const Tensor&)> function);

  /// A module is taken over, not shared: std::move it, or clone it. Handles (Child) are no modules of their own.
  template <detail::StandsElsewhere M>
  AnyModule(M&& module) = delete;

  /// The module. Throws where it has been moved elsewhere.
  Module& operator*() { return const_cast<Module&>(*std::as_const(*this)); }
  const Module& operator*() const {
    if (!module_) detail::refuse_moved();
    return *module_;
  }
  Module* operator->() { return &**this; }
  const Module* operator->() const { return &**this; }
  operator Module&() { return **this; }
  operator const Module&() const { return **this; }

  template <std::same_as<Tensor>... Inputs>
  Tensor operator()(const Inputs&... inputs) const {
    return (**this)(inputs...);
  }

  /// A deep copy. Throws where a kind below has members that C++ cannot copy, or references to children.
  AnyModule clone() const;

  friend std::ostream& operator<<(std::ostream& out, const AnyModule& module) { return out << *module; }

 private:
  friend class Module;
  friend struct detail::Place;

  using Copy = std::unique_ptr<Module> (*)(const Module&);

  AnyModule() = default;
  AnyModule(std::unique_ptr<Module> module, Copy copy) : module_(std::move(module)), copy_(copy) {}

  AnyModule deep_copy() const;  // within a Copying

  // A class that cannot be assigned holds references, which a copy would share with its original.
  template <class M>
  static constexpr Copy copier() {
    if constexpr (std::is_copy_constructible_v<M> && std::is_move_assignable_v<M>) {
      return [](const Module& module) -> std::unique_ptr<Module> {
        return std::make_unique<M>(dynamic_cast<const M&>(module));
      };
    } else {
      return nullptr;
    }
  }

  std::unique_ptr<Module> module_;
  Copy copy_ = nullptr;
};

namespace detail {

/// Where a child stands: its name in its parent and the module that is there now. It stays when the parent moves.
struct MINNOW_API Place {
  explicit Place(std::string n) : name(std::move(n)) {}

  std::string name;
  Module* parent = nullptr;
  AnyModule module;
  std::vector<AnyModule> replaced;  // kept without values, so that a reference to one reaches its successor

  void fill(AnyModule first);
  void put(AnyModule successor);
  [[noreturn]] void refuse_handle() const;
};

}  // namespace detail

/// A member that names a child of kind M: calls it, reaches it with `->`, and replaces it by assignment
/// (`net.fc = nn::Linear(512, 5)`). Moves with its module. Converts to M&, so that a member may also be a plain
/// reference; a module with such members cannot be assigned or cloned. A handle keeps its child alive: modules that
/// hold handles to each other are never freed.
template <class M>
class Child {
 public:
  explicit Child(std::shared_ptr<detail::Place> place) : place_(std::move(place)), is_member_(true) {}
  /// Another handle to the child, or in a clone to its copy.
  Child(const Child& other)
      : place_(Copying::counterpart(other.place_)), is_member_(other.is_member_ && Copying::active()) {}
  Child(Child&&) noexcept = default;
  Child& operator=(const Child&) = delete;
  /// For the module that moves, after its base. Throws where the child stands in a module: assign it a module.
  Child& operator=(Child&& other) {
    if (this != &other && is_member_ && place_ && place_->parent) place_->refuse_handle();
    place_ = std::move(other.place_);
    is_member_ = other.is_member_;
    return *this;
  }

  /// Puts a module in the child's place: an M, or one of a kind derived from M.
  template <std::derived_from<M> D = M>
  requires(!std::is_const_v<D>) Child& operator=(D&& module) {
    place().put(std::move(module));
    return *this;
  }

  /// The module. Throws where `replace` has put one of another kind in its place.
  M& operator*() const { return Module::as<M>(*place().module); }
  M* operator->() const { return &**this; }
  operator M&() const { return **this; }

  template <std::same_as<Tensor>... Inputs>
  Tensor operator()(const Inputs&... inputs) const {
    return place().module(inputs...);
  }

 private:
  detail::Place& place() const {
    if (!place_) detail::refuse_moved();
    return *place_;
  }

  std::shared_ptr<detail::Place> place_;
  bool is_member_;  // of the module that added the child
};

template <class M>
requires std::derived_from<std::remove_cvref_t<M>, Module> Child<std::remove_cvref_t<M>> Module::add(std::string name,
                                                                                                     M&& module) {
  static_assert(!std::is_lvalue_reference_v<M>, "add takes a module over: std::move it, or clone it");
  return Child<std::remove_cvref_t<M>>(add_place(std::move(name), AnyModule(std::move(module))));
}

/// A deep copy: parameters, buffers, children, mode and hooks.
template <std::derived_from<Module> M>
M clone(const M& module) {
  static_assert(std::is_copy_constructible_v<M>, "a member of the module cannot be copied");
  static_assert(std::is_move_assignable_v<M>, "hold children in nn::Child, not in references: a copy would share them");
  if (typeid(module) != typeid(M)) Module::wrong_kind(module, typeid(M));
  const Copying scope(module);
  return M(module);
}
inline AnyModule clone(const AnyModule& module) { return module.clone(); }

}  // namespace minnow::nn

namespace minnow {

using nn::clone;

}  // namespace minnow
