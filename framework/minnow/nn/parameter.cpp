#include <mutex>
#include <shared_mutex>

#include <minnow/core/error.h>
#include <minnow/core/random.h>
#include <minnow/nn/copying.h>
#include <minnow/nn/module.h>
#include <minnow/nn/parameter.h>
#include <minnow/ops/clone.h>
#include <minnow/ops/op.h>

namespace minnow::nn {
namespace {

constexpr const char* kRetired = ": the module it belonged to has been replaced by another; take its value() before";

// One lock for all: it is held for a handle's copy, or once in a parameter's life to draw it.
std::shared_mutex& values_mutex() {
  static std::shared_mutex mutex;
  return mutex;
}

// FNV-1a (Fowler, Noll, Vo): the parameter's place in the model as a number.
std::uint64_t hash(const std::string& text) {
  std::uint64_t value = 0xcbf29ce484222325u;
  for (const char c : text) value = (value ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return value;
}

Tensor draw(const Shape& shape, DType dtype, const Init& init, const std::string& path) {
  if (init.kind == Init::Kind::constant) return full(shape, init.a, dtype);
  Tensor value = empty(shape, dtype);
  const std::uint64_t seed = hash(path) + current_seed() * 0x9e3779b97f4a7c15u;
  if (init.kind == Init::Kind::uniform) {
    fill_uniform(value.span(), init.a, init.b, seed);
  } else {
    fill_normal(value.span(), init.a, init.b, seed);
  }
  return value;
}

}  // namespace

Parameter::Parameter(const Parameter& other)
    : record_(Copying::counterpart(other.record_)), is_member_(other.is_member_ && Copying::active()) {}

Parameter& Parameter::operator=(Parameter&& other) {
  if (this != &other && is_member_ && record_ && record_->owner)
    fail(path(), ": a parameter is given values, not another parameter: ", name(), " = other.value()");
  record_ = std::move(other.record_);
  is_member_ = other.is_member_;
  return *this;
}

const Parameter::Record& Parameter::record() const {
  if (!record_) fail("the parameter is absent");
  return *record_;
}

Parameter& Parameter::operator=(const Tensor& value) {
  assign(value);
  return *this;
}

std::string Parameter::path() const {
  const std::string owner = record().owner ? record_->owner->path() : "";
  return owner.empty() ? name() : owner + '.' + name();
}

void Parameter::assign(const Tensor& value) const {
  if (value.shape() != shape() || value.dtype() != dtype()) {
    fail(path(), ": expected ", dtype(), ' ', shape(), ", got ", value.dtype(), ' ', value.shape());
  }
  if (value.is_symbolic()) fail(path(), ": what depends on the input of a model that is traced cannot be assigned");
  const std::unique_lock lock(values_mutex());
  if (record_->retired) fail(path(), kRetired);
  record_->value = value;
}

std::shared_ptr<Parameter::Record> Parameter::copy_of_record() const {
  auto copy = std::make_shared<Record>();
  {
    const std::shared_lock lock(values_mutex());
    *copy = *record_;
  }
  copy->owner = nullptr;
  // Not through the door: whoever listens has no part in it.
  if (copy->value.defined()) copy->value = evaluate(CloneOp(), {&copy->value, 1}).front();
  return copy;
}

void Parameter::retire() const {
  const std::unique_lock lock(values_mutex());
  record_->retired = true;
  record_->value = Tensor();
}

void Parameter::set_init(const Init& init) const {
  record();
  record_->init = init;
}

bool Parameter::has_value() const {
  const std::shared_lock lock(values_mutex());
  return record().value.defined();
}

Tensor Parameter::value() const {
  if (!record_) return {};
  if (const Listener* listener = current_listener(); listener && !listener->wants_values()) {
    return {shape(), dtype(), std::make_shared<Symbol>()};
  }
  {
    const std::shared_lock lock(values_mutex());
    if (record_->value.defined()) return record_->value;
  }
  const std::unique_lock lock(values_mutex());
  if (record_->retired) fail(path(), kRetired);
  if (!record_->value.defined()) record_->value = draw(shape(), dtype(), record_->init, path());
  return record_->value;
}

}  // namespace minnow::nn
