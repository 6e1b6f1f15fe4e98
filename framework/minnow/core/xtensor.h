#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <vector>

#include <xtensor/xtensor_config.hpp>

// The only header of Minnow that needs xtensor from its users.
//
// It mends xtensor 0.24 under g++ in C++20, where a specialisation that C++17 gets is missing: without it immediate
// reductions, xt::eval of a reduction and assignments to strided views quietly take a wrong type and give wrong shapes.
// The mend must be seen before the first xtensor expression of a file is compiled. So include this header before
// xtensor's own ones wherever you use both, or compile with -fno-new-ttp-matching.
#include <xtensor/xexpression_traits.hpp>
#if defined(__GNUC__) && !defined(__clang__) && __cplusplus > 201703L && \
    (XTENSOR_VERSION_MAJOR == 0 && XTENSOR_VERSION_MINOR < 25)
namespace xt::detail {
template <template <class, std::size_t, class, bool> class S, class X, std::size_t N, class A, bool Init>
struct xtype_for_shape<S<X, N, A, Init>> {
  template <class T, layout_type L>
  using type = xarray<T, L>;
};
}  // namespace xt::detail
#endif

#include <xtensor/xadapt.hpp>
#include <xtensor/xarray.hpp>
#include <xtensor/xmath.hpp>
#include <xtensor/xnoalias.hpp>

#include <minnow/core/export.h>
#include <minnow/core/tensor.h>

namespace minnow {
namespace detail {

template <class Pointer>
auto adapt(Pointer data, const Tensor& tensor) {
  const std::vector<std::size_t> shape(tensor.shape().begin(), tensor.shape().end());
  return xt::adapt(data, static_cast<std::size_t>(tensor.numel()), xt::no_ownership(), shape);
}

}  // namespace detail

/// The elements as an xtensor expression, shared: reading and assigning goes to the tensor's memory, which the tensor
/// must outlive. T is float (the default) or std::int64_t, the tensor's dtype. For cold code: an xtensor expression is
/// several times slower than an op. Throws for a symbolic tensor.
///
///   auto a = as_xt(x);
///   xt::view(a, 0, xt::all()) = 1.0f;
///   Tensor normalised = from_xt((a - xt::mean(a)()) / xt::stddev(a)());
template <class T = float>
auto as_xt(Tensor& tensor) {
  return detail::adapt(tensor.data<T>(), tensor);
}
template <class T = float>
auto as_xt(const Tensor& tensor) {
  return detail::adapt(tensor.data<T>(), tensor);
}
/// A temporary's elements would be gone at the end of the line: give the tensor a name.
template <class T = float>
void as_xt(Tensor&&) = delete;

/// A tensor of the values of an xtensor expression: float32 for floating values, int64 for whole ones and bools.
template <class E>
Tensor from_xt(const xt::xexpression<E>& expression) {
  const E& values = expression.derived_cast();
  using Element = std::conditional_t<std::is_integral_v<typename E::value_type>, std::int64_t, float>;
  Shape shape;
  for (const auto size : values.shape()) shape.push_back(static_cast<std::int64_t>(size));
  Tensor result = empty(shape, dtype_of<Element>);
  auto target = as_xt<Element>(result);
  xt::noalias(target) = xt::cast<Element>(values);
  return result;
}

}  // namespace minnow
