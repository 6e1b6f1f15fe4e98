#pragma once

#include <minnow/kernels/simd.h>

namespace minnow::kernels {
namespace {

template <int... I>
struct Lanes {};
template <int N, int... I>
struct LanesTo : LanesTo<N - 1, N - 1, I...> {};
template <int... I>
struct LanesTo<0, I...> {
  using type = Lanes<I...>;
};

template <class A, int G, int I, int... L>
MINNOW_INLINE Vec<A> spread(Vec<A> v, Lanes<L...>) {
  const auto native = static_cast<typename Vec<A>::register_type>(v);
  return Vec<A>(__builtin_shufflevector(native, native, (L / G * G + I)...));
}

/// Lane l becomes lane I of its group of G lanes.
template <class A, int G, int I>
MINNOW_INLINE Vec<A> spread(Vec<A> v) {
  return spread<A, G, I>(v, typename LanesTo<kWidth<A>>::type{});
}

}  // namespace
}  // namespace minnow::kernels
