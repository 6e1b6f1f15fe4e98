#include <cxxabi.h>

#include <algorithm>
#include <cstdlib>
#include <mutex>
#include <typeinfo>
#include <unordered_map>

#include <minnow/core/error.h>
#include <minnow/core/scope.h>
#include <minnow/nn/call.h>
#include <minnow/nn/module.h>

namespace minnow::nn {
namespace {

// "ns::(anonymous namespace)::BasicBlock" -> "BasicBlock"
std::string class_name(const std::type_info& type) {
  int status = 0;
  const std::unique_ptr<char, void (*)(void*)> demangled(abi::__cxa_demangle(type.name(), nullptr, nullptr, &status),
                                                         std::free);
  std::string name = status == 0 ? demangled.get() : type.name();
  const std::size_t arguments = name.find('<');
  const std::size_t scope = name.rfind("::", arguments);
  return scope == std::string::npos ? name : name.substr(scope + 2);
}

std::string join(const std::string& path, const std::string& name) { return path.empty() ? name : path + '.' + name; }

}  // namespace

bool StateDict::contains(std::string_view name) const {
  return std::any_of(begin(), end(), [&](const NamedParameter& entry) { return entry.name == name; });
}

const Parameter& StateDict::operator[](std::string_view name) const {
  for (const NamedParameter& entry : *this) {
    if (entry.name == name) return entry.parameter;
  }
  fail("the state dict has no entry \"", name, '"');
}

// Life ---------------------------------------------------------------------------------------------------------------

Module::Module(Module&& other) noexcept
    : children_(std::move(other.children_)),
      parameters_(std::move(other.parameters_)),
      hooks_(std::move(other.hooks_)),
      next_hook_(other.next_hook_),
      training_(other.training_) {
  other.life_.reset();
  adopt();
}

Module& Module::operator=(Module&& other) {
  if (this == &other) return *this;
  if (typeid(*this) != typeid(other)) wrong_kind(other, typeid(*this));
  if (other.child_with(*this)) fail(kind(), ": cannot be assigned a module that it stands in");
  // The child that owns `other`, the rest of which the derived class has yet to move.
  if (auto owner = child_with(other)) former_children_.push_back(std::move(owner));
  disown();
  life_.reset();
  other.life_.reset();
  children_ = std::move(other.children_);
  parameters_ = std::move(other.parameters_);
  hooks_ = std::move(other.hooks_);
  next_hook_ = other.next_hook_;
  training_ = other.training_;
  adopt();
  return *this;
}

Module::Module(const Module& other) : hooks_(other.hooks_), next_hook_(other.next_hook_), training_(other.training_) {
  if (!Copying::active()) fail("a module is copied with clone(model); pass it by reference, or std::move it");
  if (!other.has_copies()) other.prepare_copies();  // of a module that is a plain member of another
  for (const Parameter& parameter : other.parameters_) parameters_.push_back(parameter);
  for (const auto& child : other.children_) {
    children_.push_back(Copying::counterpart(child));
    children_.back()->fill(child->module.deep_copy());
  }
  adopt();
}

void Module::prepare_copies() const {
  for (const Parameter& parameter : parameters_) Copying::note(parameter.record_, parameter.copy_of_record());
  for (const auto& child : children_) {
    Copying::note(child, std::make_shared<detail::Place>(child->name));
    child->module->prepare_copies();
  }
}

bool Module::has_copies() const {
  if (!parameters_.empty()) return Copying::find(parameters_.front().record_.get()) != nullptr;
  return children_.empty() || Copying::find(children_.front().get()) != nullptr;
}

Module::~Module() { disown(); }

std::weak_ptr<const void> Module::life() const {
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  if (!life_) life_ = std::make_shared<char>();
  return life_;
}

void Module::adopt() {
  for (const auto& child : children_) child->parent = this;
  for (const Parameter& parameter : parameters_) parameter.record_->owner = this;
}

// Handles may live longer.
void Module::disown() {
  for (const auto& child : children_) child->parent = nullptr;
  for (const Parameter& parameter : parameters_) parameter.record_->owner = nullptr;
}

std::shared_ptr<detail::Place> Module::child_with(const Module& module) const {
  const detail::Place* place = module.place_;
  while (place && place->parent != this) place = place->parent ? place->parent->place_ : nullptr;
  const auto found = std::find_if(children_.begin(), children_.end(), [&](const auto& c) { return c.get() == place; });
  return found == children_.end() ? nullptr : *found;
}

void Module::retire() const {
  life_.reset();
  for (const Parameter& parameter : parameters_) parameter.retire();
  for (const auto& child : children_) child->module->retire();
}

AnyModule AnyModule::clone() const {
  const Copying scope(**this);
  return deep_copy();
}

AnyModule AnyModule::deep_copy() const {
  if (!copy_) {
    fail((*this)->kind(), " cannot be cloned: it has members that cannot be copied, or that are const or references ",
         "(hold children in nn::Child)");
  }
  return AnyModule(copy_(*module_), copy_);
}

// Calls --------------------------------------------------------------------------------------------------------------

Tensor Module::call(std::span<const Tensor> inputs) const {
  const Module& self = place_ ? *place_->module : *this;  // `this` may have been replaced
  const PathScope scope(place_ ? std::string_view(place_->name) : std::string_view());
  Tensor output = inputs.size() == 1 ? self.forward(inputs.front()) : self.forward(Inputs(inputs));
  if (!self.hooks_.empty() && !output.is_symbolic()) {
    const auto hooks = self.hooks_;  // one may remove itself
    for (const auto& [number, hook] : hooks) (*hook)(self, inputs, output);
  }
  if (const ObservedCalls* observed = ObservedCalls::current()) observed->notify(self, inputs, output);
  return output;
}

Tensor Module::forward(const Tensor& x) const { return forward(Inputs({&x, 1})); }

Tensor Module::forward(const Inputs& inputs) const {
  fail(kind(), ": there is no forward for ", inputs.size(),
       inputs.size() == 1 ? " input: override Tensor forward(const Tensor&) const"
                          : " inputs: override Tensor forward(const nn::Inputs&) const");
}

bool Module::is_training() const { return training_ && !ObservedCalls::current(); }

void Module::train(bool training) {
  training_ = training;
  for (const auto& child : children_) child->module->train(training);
}

int Module::register_forward_hook(std::string_view path, ForwardHook hook) {
  if (!hook) fail("register_forward_hook: the hook is empty");
  Module& module = get(path);
  module.hooks_.emplace_back(module.next_hook_, std::make_shared<const ForwardHook>(std::move(hook)));
  return module.next_hook_++;
}

void Module::remove_forward_hook(std::string_view path, int number) {
  const auto removed = std::erase_if(get(path).hooks_, [&](const auto& hook) { return hook.first == number; });
  if (removed == 0) fail("remove_forward_hook: there is no hook ", number, " at \"", path, '"');
}

bool Module::has_hooks() const {
  return !hooks_.empty() ||
         std::any_of(children_.begin(), children_.end(), [](const auto& child) { return child->module->has_hooks(); });
}

// The tree -----------------------------------------------------------------------------------------------------------

std::string Module::kind() const { return class_name(typeid(*this)); }

std::string Module::path() const {
  return place_ ? join(place_->parent ? place_->parent->path() : "", place_->name) : "";
}

std::vector<NamedModule> Module::children() const {
  std::vector<NamedModule> result;
  for (const auto& child : children_) result.push_back({child->name, &*child->module});
  return result;
}

std::vector<NamedModule> Module::named_modules() const {
  std::vector<NamedModule> result{{"", this}};
  for (const auto& child : children_) {
    for (const NamedModule& below : child->module->named_modules()) {
      result.push_back({below.path.empty() ? child->name : join(child->name, below.path), below.module});
    }
  }
  return result;
}

StateDict Module::state_dict() const {
  StateDict result;
  for (const NamedModule& entry : named_modules()) {
    for (const bool buffers : {false, true}) {
      for (const Parameter& parameter : entry.module->parameters_) {
        if (parameter.is_buffer() == buffers) result.push_back({join(entry.path, parameter.name()), parameter});
      }
    }
  }
  return result;
}

std::vector<NamedParameter> Module::named_parameters() const {
  std::vector<NamedParameter> result = state_dict();
  std::erase_if(result, [](const NamedParameter& entry) { return entry.parameter.is_buffer(); });
  return result;
}

std::vector<NamedParameter> Module::named_buffers() const {
  std::vector<NamedParameter> result = state_dict();
  std::erase_if(result, [](const NamedParameter& entry) { return !entry.parameter.is_buffer(); });
  return result;
}

std::int64_t Module::num_parameters() const {
  std::int64_t count = 0;
  for (const NamedParameter& entry : named_parameters()) count += entry.parameter.shape().numel();
  return count;
}

const Module& Module::get(std::string_view path) const {
  if (path.empty()) return *this;
  const std::string_view name = path.substr(0, path.find('.'));
  for (const auto& child : children_) {
    if (child->name == name) {
      return std::as_const(*child->module).get(name.size() == path.size() ? "" : path.substr(name.size() + 1));
    }
  }
  fail(kind(), ": there is no module \"", path, '"');
}

void Module::replace(std::string_view path, AnyModule module) {
  const Module& old = get(path);
  if (&old == this || !old.place_)
    fail(kind(), ": replace needs the path of a module below this one, got \"", path, '"');
  old.place_->put(std::move(module));
}

void detail::Place::fill(AnyModule first) {
  module = std::move(first);
  module->place_ = this;
}

void detail::Place::put(AnyModule successor) {
  if (parent && (parent == &*successor || successor->child_with(*parent)))
    fail(parent->path(), ": a module cannot stand below itself");
  successor->train(module->training_);
  module->retire();
  replaced.push_back(std::move(module));
  fill(std::move(successor));
}

void detail::refuse_moved() { fail("a module is used that has been moved elsewhere: use what it was moved to"); }

void detail::Place::refuse_handle() const {
  fail(module->path(), ": a child is given another module, not another child: fc = nn::Linear(512, 5), or ",
       "fc = std::move(*other)");
}

void Module::check_name(const std::string& name) const {
  if (name.empty() || name.find('.') != std::string::npos)
    fail(kind(), ": \"", name, "\" is no name: it is empty or has a dot");
  for (const auto& child : children_) {
    if (child->name == name) fail(kind(), ": there is a child \"", name, "\" already");
  }
  for (const Parameter& parameter : parameters_) {
    if (parameter.name() == name) fail(kind(), ": there is a parameter \"", name, "\" already");
  }
}

std::shared_ptr<detail::Place> Module::add_place(std::string name, AnyModule module) {
  check_name(name);
  auto place = std::make_shared<detail::Place>(std::move(name));
  place->parent = this;
  place->fill(std::move(module));
  children_.push_back(place);
  return place;
}

Child<Module> Module::add(std::string name, AnyModule module) {
  return Child<Module>(add_place(std::move(name), std::move(module)));
}

Parameter Module::parameter(std::string name, const Shape& shape, Init init) {
  return add_parameter({std::move(name), shape, DType::float32, init, false, this});
}

Parameter Module::buffer(std::string name, const Shape& shape, Init init, DType dtype) {
  return add_parameter({std::move(name), shape, dtype, init, true, this});
}

Parameter Module::add_parameter(Parameter::Record record) {
  check_name(record.name);
  for (int i = 0; i < record.shape.rank(); ++i) {
    if (record.shape[i] < 0) fail(kind(), ": \"", record.name, "\" cannot have the shape ", record.shape);
  }
  const auto shared = std::make_shared<Parameter::Record>(std::move(record));
  parameters_.push_back(Parameter(shared, false));
  return Parameter(shared, true);
}

void Module::wrong_kind(const Module& module, const std::type_info& expected) {
  const std::string path = module.path();
  fail(path, path.empty() ? "" : ": ", "expected a module of kind ", class_name(expected), ", got a ", module.kind());
}

void Module::refuse_part(const Module& module, const std::type_info& part) {
  const std::string path = module.path();
  fail(path, path.empty() ? "" : ": ", "a ", module.kind(), " that is moved as a ", class_name(part),
       " would lose the rest of it; move it as what it is, as get<", module.kind(), ">(path) gives it");
}

}  // namespace minnow::nn
