#include <array>
#include <cmath>
#include <optional>
#include <type_traits>

#include <minnow/ops/binary.h>
#include <minnow/ops/check.h>
#include <minnow/ops/kernels.h>
#include <minnow/ops/unary.h>

namespace minnow {
namespace {

using detail::Strides;

constexpr std::array kBinaryNames = {"add", "sub", "mul", "div", "maximum", "minimum", "pow",
                                     "eq",  "ne",  "lt",  "le",  "gt",      "ge"};

// The vector kernel of an operation; pow and the comparisons have none.
std::optional<kernels::Binary> kernel_of(BinaryKind kind) {
  switch (kind) {
    case BinaryKind::add:
      return kernels::Binary::add;
    case BinaryKind::sub:
      return kernels::Binary::sub;
    case BinaryKind::mul:
      return kernels::Binary::mul;
    case BinaryKind::div:
      return kernels::Binary::div;
    case BinaryKind::maximum:
      return kernels::Binary::max;
    case BinaryKind::minimum:
      return kernels::Binary::min;
    default:
      return std::nullopt;
  }
}

// Calls body with the comparison of `kind` on two T.
template <class T, class Body>
void with_comparison(BinaryKind kind, Body body) {
  switch (kind) {
    case BinaryKind::eq:
      return body([](T a, T b) { return a == b ? 1.0f : 0.0f; });
    case BinaryKind::ne:
      return body([](T a, T b) { return a != b ? 1.0f : 0.0f; });
    case BinaryKind::lt:
      return body([](T a, T b) { return a < b ? 1.0f : 0.0f; });
    case BinaryKind::le:
      return body([](T a, T b) { return a <= b ? 1.0f : 0.0f; });
    case BinaryKind::gt:
      return body([](T a, T b) { return a > b ? 1.0f : 0.0f; });
    default:
      return body([](T a, T b) { return a >= b ? 1.0f : 0.0f; });
  }
}

// Visits the rows of the result with row(a, a_step, b, b_step, out, count). Along a row an operand either runs through
// its elements (step 1) or repeats one (step 0).
template <class T, class Row>
void each_row(const T* a, const Strides& a_strides, const T* b, const Strides& b_strides, Tensor& result, Row row) {
  float* out = result.data();
  detail::for_each_row<3>(result.shape(), {a_strides, b_strides, detail::row_major(result.shape())},
                          [&](const auto& at, const auto& step, std::int64_t count) {
                            row(a + at[0], step[0], b + at[1], step[1], out + at[2], count);
                          });
}

template <class T>
void run(BinaryKind kind, const T* a, const Strides& a_strides, const T* b, const Strides& b_strides, Tensor& result) {
  const auto each_element = [&](auto f) {
    each_row(a, a_strides, b, b_strides, result,
             [&](const T* x, std::int64_t x_step, const T* y, std::int64_t y_step, float* __restrict out,
                 std::int64_t count) {
               detail::with_constant_steps<2>({x_step, y_step}, [&](auto x_next, auto y_next) {
                 for (std::int64_t i = 0; i < count; ++i) out[i] = f(x[i * x_next], y[i * y_next]);
               });
             });
  };
  if (is_comparison(kind)) return with_comparison<T>(kind, each_element);
  if constexpr (std::is_same_v<T, float>) {
    const std::optional<kernels::Binary> kernel = kernel_of(kind);
    if (!kernel) return each_element([](float x, float y) { return std::pow(x, y); });
    const kernels::Table& table = kernels::table();
    const auto operand = [](std::int64_t step, std::int64_t count) {
      return step == 1 || count == 1 ? kernels::Operand::full : kernels::Operand::scalar;
    };
    each_row(a, a_strides, b, b_strides, result,
             [&](const T* x, std::int64_t x_step, const T* y, std::int64_t y_step, float* out, std::int64_t count) {
               table.binary({*kernel, x, y, out, count, operand(x_step, count), operand(y_step, count)});
             });
  }
}

// The powers that are functions of their own, as in torch.
std::optional<UnaryKind> power_of(double exponent) {
  if (exponent == 2) return UnaryKind::square;
  if (exponent == 0.5) return UnaryKind::sqrt;
  if (exponent == -0.5) return UnaryKind::rsqrt;
  if (exponent == -1) return UnaryKind::reciprocal;
  return std::nullopt;
}

}  // namespace

const char* name_of(BinaryKind kind) { return kBinaryNames[static_cast<std::size_t>(kind)]; }

std::vector<TensorSpec> BinaryOp::infer(std::span<const TensorSpec> inputs) const {
  if (inputs[0].dtype != inputs[1].dtype || !is_comparison(kind)) detail::expect_float32(name(), inputs);
  return {{detail::broadcast_shape(name(), inputs[0].shape, inputs[1].shape), DType::float32}};
}

void BinaryOp::eval(std::span<const Tensor> inputs, std::span<Tensor> outputs) const {
  const Tensor &a = inputs[0], &b = inputs[1];
  const Strides a_strides = detail::broadcast_strides(a.shape(), outputs[0].shape());
  const Strides b_strides = detail::broadcast_strides(b.shape(), outputs[0].shape());
  if (a.dtype() == DType::float32) {
    run(kind, a.data(), a_strides, b.data(), b_strides, outputs[0]);
  } else {
    run(kind, a.data<std::int64_t>(), a_strides, b.data<std::int64_t>(), b_strides, outputs[0]);
  }
}

std::string BinaryScalarOp::attributes() const { return str(value_first ? "value_first " : "", "value=", value); }

std::vector<TensorSpec> BinaryScalarOp::infer(std::span<const TensorSpec> inputs) const {
  if (!is_comparison(kind)) detail::expect_float32(name(), inputs);
  if (inputs[0].dtype == DType::int64 && !(std::abs(value) < 9e18 && std::trunc(value) == value)) {
    fail(name(), ": an int64 tensor is compared with whole numbers, got ", value);
  }
  return {{inputs[0].shape, DType::float32}};
}

void BinaryScalarOp::eval(std::span<const Tensor> inputs, std::span<Tensor> outputs) const {
  if (kind == BinaryKind::pow && !value_first) {
    if (const std::optional<UnaryKind> power = power_of(value)) return UnaryOp(*power).eval(inputs, outputs);
  }
  const Tensor& x = inputs[0];
  const Strides strides = detail::row_major(x.shape());
  const auto compute = [&]<class T>(const T* data, T number) {
    if (value_first) {
      run(kind, &number, Strides{}, data, strides, outputs[0]);
    } else {
      run(kind, data, strides, &number, Strides{}, outputs[0]);
    }
  };
  if (x.dtype() == DType::float32) {
    compute(x.data(), static_cast<float>(value));
  } else {
    compute(x.data<std::int64_t>(), static_cast<std::int64_t>(value));
  }
}

Tensor add(const Tensor& a, const Tensor& b) { return apply<BinaryOp>({a, b}, BinaryKind::add); }
Tensor sub(const Tensor& a, const Tensor& b) { return apply<BinaryOp>({a, b}, BinaryKind::sub); }
Tensor mul(const Tensor& a, const Tensor& b) { return apply<BinaryOp>({a, b}, BinaryKind::mul); }
Tensor div(const Tensor& a, const Tensor& b) { return apply<BinaryOp>({a, b}, BinaryKind::div); }
Tensor pow(const Tensor& a, const Tensor& b) { return apply<BinaryOp>({a, b}, BinaryKind::pow); }
Tensor maximum(const Tensor& a, const Tensor& b) { return apply<BinaryOp>({a, b}, BinaryKind::maximum); }
Tensor minimum(const Tensor& a, const Tensor& b) { return apply<BinaryOp>({a, b}, BinaryKind::minimum); }

Tensor add(const Tensor& a, double b) { return apply<BinaryScalarOp>({a}, BinaryKind::add, b); }
Tensor sub(const Tensor& a, double b) { return apply<BinaryScalarOp>({a}, BinaryKind::sub, b); }
Tensor mul(const Tensor& a, double b) { return apply<BinaryScalarOp>({a}, BinaryKind::mul, b); }
Tensor div(const Tensor& a, double b) { return apply<BinaryScalarOp>({a}, BinaryKind::div, b); }
Tensor pow(const Tensor& a, double b) { return apply<BinaryScalarOp>({a}, BinaryKind::pow, b); }
Tensor sub(double a, const Tensor& b) { return apply<BinaryScalarOp>({b}, BinaryKind::sub, a, true); }
Tensor div(double a, const Tensor& b) { return apply<BinaryScalarOp>({b}, BinaryKind::div, a, true); }
Tensor pow(double a, const Tensor& b) { return apply<BinaryScalarOp>({b}, BinaryKind::pow, a, true); }

}  // namespace minnow
