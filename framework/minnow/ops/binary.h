#pragma once

#include <cstdint>

#include <minnow/core/export.h>
#include <minnow/ops/op.h>
#include <minnow/ops/strided.h>

namespace minnow {

/// Functions of two numbers. The comparisons give 1.0f or 0.0f.
enum class BinaryKind : std::uint8_t { add, sub, mul, div, maximum, minimum, pow, eq, ne, lt, le, gt, ge };

/// "add", "sub", ...: the name of the free function.
MINNOW_API const char* name_of(BinaryKind kind);
constexpr bool is_comparison(BinaryKind kind) { return kind >= BinaryKind::eq; }

/// One of BinaryKind on two tensors that broadcast. Comparisons also take two int64 tensors.
struct MINNOW_API BinaryOp final : Op {
  explicit BinaryOp(BinaryKind which) : kind(which) {}
  std::string_view name() const override { return name_of(kind); }
  std::vector<TensorSpec> infer(std::span<const TensorSpec> inputs) const override;
  void eval(std::span<const Tensor> inputs, std::span<Tensor> outputs) const override;

  const BinaryKind kind;
};

/// One of BinaryKind on a tensor and a number: x op value, or value op x when value_first.
struct MINNOW_API BinaryScalarOp final : Op {
  BinaryScalarOp(BinaryKind which, double number, bool first = false)
      : kind(which), value(number), value_first(first) {}
  std::string_view name() const override { return name_of(kind); }
  std::string attributes() const override;
  std::vector<TensorSpec> infer(std::span<const TensorSpec> inputs) const override;
  void eval(std::span<const Tensor> inputs, std::span<Tensor> outputs) const override;

  const BinaryKind kind;
  const double value;
  const bool value_first;
};

/// Element by element, with torch's broadcasting: shapes are aligned at the last dimension and a size of 1 stretches.
/// float32; throws for int64 and for shapes that do not broadcast.
/// https://pytorch.org/docs/1.13/notes/broadcasting.html
MINNOW_API Tensor add(const Tensor& a, const Tensor& b);
MINNOW_API Tensor sub(const Tensor& a, const Tensor& b);
MINNOW_API Tensor mul(const Tensor& a, const Tensor& b);
MINNOW_API Tensor div(const Tensor& a, const Tensor& b);
MINNOW_API Tensor pow(const Tensor& a, const Tensor& b);
MINNOW_API Tensor maximum(const Tensor& a, const Tensor& b);  // NaN where either is
MINNOW_API Tensor minimum(const Tensor& a, const Tensor& b);  // NaN where either is

MINNOW_API Tensor add(const Tensor& a, double b);
MINNOW_API Tensor sub(const Tensor& a, double b);
MINNOW_API Tensor mul(const Tensor& a, double b);
MINNOW_API Tensor div(const Tensor& a, double b);
MINNOW_API Tensor pow(const Tensor& a, double b);
MINNOW_API Tensor sub(double a, const Tensor& b);
MINNOW_API Tensor div(double a, const Tensor& b);
MINNOW_API Tensor pow(double a, const Tensor& b);

inline Tensor operator+(const Tensor& a, const Tensor& b) { return add(a, b); }
inline Tensor operator-(const Tensor& a, const Tensor& b) { return sub(a, b); }
inline Tensor operator*(const Tensor& a, const Tensor& b) { return mul(a, b); }
inline Tensor operator/(const Tensor& a, const Tensor& b) { return div(a, b); }
inline Tensor operator+(const Tensor& a, double b) { return add(a, b); }
inline Tensor operator-(const Tensor& a, double b) { return sub(a, b); }
inline Tensor operator*(const Tensor& a, double b) { return mul(a, b); }
inline Tensor operator/(const Tensor& a, double b) { return div(a, b); }
inline Tensor operator+(double a, const Tensor& b) { return add(b, a); }
inline Tensor operator-(double a, const Tensor& b) { return sub(a, b); }
inline Tensor operator*(double a, const Tensor& b) { return mul(b, a); }
inline Tensor operator/(double a, const Tensor& b) { return div(a, b); }

}  // namespace minnow
