#include <algorithm>
#include <atomic>
#include <cmath>

#include <minnow/ops/check.h>
#include <minnow/ops/compare.h>

namespace minnow {

Tensor eq(const Tensor& a, const Tensor& b) { return apply<BinaryOp>({a, b}, BinaryKind::eq); }
Tensor ne(const Tensor& a, const Tensor& b) { return apply<BinaryOp>({a, b}, BinaryKind::ne); }
Tensor lt(const Tensor& a, const Tensor& b) { return apply<BinaryOp>({a, b}, BinaryKind::lt); }
Tensor le(const Tensor& a, const Tensor& b) { return apply<BinaryOp>({a, b}, BinaryKind::le); }
Tensor gt(const Tensor& a, const Tensor& b) { return apply<BinaryOp>({a, b}, BinaryKind::gt); }
Tensor ge(const Tensor& a, const Tensor& b) { return apply<BinaryOp>({a, b}, BinaryKind::ge); }
Tensor eq(const Tensor& a, double b) { return apply<BinaryScalarOp>({a}, BinaryKind::eq, b); }
Tensor ne(const Tensor& a, double b) { return apply<BinaryScalarOp>({a}, BinaryKind::ne, b); }
Tensor lt(const Tensor& a, double b) { return apply<BinaryScalarOp>({a}, BinaryKind::lt, b); }
Tensor le(const Tensor& a, double b) { return apply<BinaryScalarOp>({a}, BinaryKind::le, b); }
Tensor gt(const Tensor& a, double b) { return apply<BinaryScalarOp>({a}, BinaryKind::gt, b); }
Tensor ge(const Tensor& a, double b) { return apply<BinaryScalarOp>({a}, BinaryKind::ge, b); }

bool equal(const Tensor& a, const Tensor& b) {
  if (a.shape() != b.shape() || a.dtype() != b.dtype()) return false;
  if (a.dtype() == DType::float32) return std::ranges::equal(a.span(), b.span());
  return std::ranges::equal(a.span<std::int64_t>(), b.span<std::int64_t>());
}

bool allclose(const Tensor& a, const Tensor& b, const AllcloseOptions& options) {
  const TensorSpec specs[] = {{a.shape(), a.dtype()}, {b.shape(), b.dtype()}};
  detail::expect_float32("allclose", specs);
  const Shape shape = detail::broadcast_shape("allclose", a.shape(), b.shape());
  const auto close = [&](double x, double y) {
    if (std::isnan(x) || std::isnan(y)) return options.equal_nan && std::isnan(x) && std::isnan(y);
    return x == y || (std::isfinite(y) && std::abs(x - y) <= options.atol + options.rtol * std::abs(y));
  };
  const float *left = a.data(), *right = b.data();
  std::atomic<bool> all = true;
  detail::for_each_row<2>(shape,
                          {detail::broadcast_strides(a.shape(), shape), detail::broadcast_strides(b.shape(), shape)},
                          [&](const auto& at, const auto& step, std::int64_t count) {
                            bool row = true;
                            for (std::int64_t i = 0; i < count; ++i)
                              row &= close(left[at[0] + i * step[0]], right[at[1] + i * step[1]]);
                            if (!row) all = false;
                          });
  return all;
}

}  // namespace minnow
