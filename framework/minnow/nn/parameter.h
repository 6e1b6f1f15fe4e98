#pragma once

#include <memory>
#include <string>

#include <minnow/core/export.h>
#include <minnow/core/tensor.h>
#include <minnow/ops/binary.h>

namespace minnow::nn {

class Module;

/// How the values of a parameter that nobody loaded are drawn.
struct Init {
  enum class Kind { constant, uniform, normal } kind = Kind::constant;
  float a = 0.0f, b = 0.0f;  // the constant; low and high; mean and deviation

  static constexpr Init constant(float value) { return {Kind::constant, value, 0.0f}; }
  static constexpr Init uniform(float low, float high) { return {Kind::uniform, low, high}; }
  static constexpr Init normal(float mean, float deviation) { return {Kind::normal, mean, deviation}; }
};

/// A handle to a named tensor of a module: something learned, or a buffer such as a running mean. Made with
/// Module::parameter and Module::buffer. Its values are drawn on first use unless they were assigned before; they
/// depend on manual_seed and on the parameter's path alone. Reading it from several threads is safe.
class MINNOW_API Parameter {
 public:
  /// Absent, as the bias of a layer without one: converts to an undefined tensor.
  Parameter() = default;
  Parameter(const Parameter& other);
  Parameter(Parameter&&) noexcept = default;
  /// Would make the member of one module name the parameter of another. Assign values: `a = b.value()`.
  Parameter& operator=(const Parameter&) = delete;
  /// For the module that moves, after its base. Throws where the parameter stands in a module.
  Parameter& operator=(Parameter&& other);

  /// Takes over `value` (the handle, not a copy). Throws where shape or dtype differ, or while the model is traced:
  /// `value` has no values then.
  Parameter& operator=(const Tensor& value);
  /// The same through a const handle: how a module stores what its forward computed, such as running statistics.
  void assign(const Tensor& value) const;

  /// Sets how the values are drawn if nobody assigns them before their first use.
  void set_init(const Init& init) const;

  bool defined() const { return record_ != nullptr; }
  const std::string& name() const { return record().name; }
  const Shape& shape() const { return record().shape; }
  DType dtype() const { return record().dtype; }
  bool is_buffer() const { return record().is_buffer; }
  /// Whether it has values yet: assigned or drawn.
  bool has_value() const;
  /// The values, drawn now if there are none yet. While a listener asks for shapes only, a symbolic tensor. Throws
  /// where its module has been replaced by another.
  Tensor value() const;
  operator Tensor() const { return value(); }

 private:
  friend class Module;

  struct Record {
    std::string name;
    Shape shape;
    DType dtype = DType::float32;
    Init init;
    bool is_buffer = false;
    const Module* owner = nullptr;
    Tensor value{};
    bool retired = false;
  };

  Parameter(std::shared_ptr<Record> record, bool is_member) : record_(std::move(record)), is_member_(is_member) {}
  const Record& record() const;
  std::string path() const;
  std::shared_ptr<Record> copy_of_record() const;
  /// Frees the values, of a module that has been replaced.
  void retire() const;

  std::shared_ptr<Record> record_;
  bool is_member_ = false;  // of the module that added it
};

// In arithmetic a parameter is its values; C++ looks for operators where the operands' types live.
using minnow::operator+;
using minnow::operator-;
using minnow::operator*;
using minnow::operator/;

struct NamedParameter {
  std::string name;  // the whole path: "layer1.0.conv1.weight"
  Parameter parameter;
};

}  // namespace minnow::nn
