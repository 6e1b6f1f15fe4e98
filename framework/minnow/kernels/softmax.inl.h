#pragma once

#include <minnow/kernels/elementwise.inl.h>
#include <minnow/kernels/reduce.inl.h>
#include <minnow/kernels/softmax.h>

namespace minnow::kernels {
namespace {

/// The softmax of one contiguous row.
template <class A>
MINNOW_INLINE void softmax_row(const float* x, float* out, Index n, bool log) {
  const Vec<A> top(greatest_of<A>(x, n));
  map<A>(x, out, n, [&](Vec<A> v) { return xsimd::exp(v - top); });
  const float total = static_cast<float>(sum_of<A>(out, n));
  if (log) {
    const Vec<A> log_total = xsimd::log(Vec<A>(total));
    map<A>(x, out, n, [&](Vec<A> v) { return v - top - log_total; });
  } else {
    map<A>(out, out, n, [&](Vec<A> v) { return divide<A>(v, Vec<A>(total)); });
  }
}

/// The softmax of `count` neighbouring columns, whose rows lie `step` floats apart.
template <class A>
MINNOW_INLINE void softmax_columns(const float* x, float* out, Index n, Index step, Index count, bool log) {
  Vec<A> top(Greatest::start);
  for (Index r = 0; r < n; ++r) top = max_nan<A>(top, load_some<A>(x + r * step, count));
  for (Index r = 0; r < n; ++r)
    store_some<A>(out + r * step, xsimd::exp(load_some<A>(x + r * step, count) - top), count);
  const Vec<A> total = sum_rows<A>(out, n, step, count);
  const Vec<A> log_total = xsimd::log(total);
  for (Index r = 0; r < n; ++r) {
    const Index at = r * step;
    const Vec<A> y =
        log ? load_some<A>(x + at, count) - top - log_total : divide<A>(load_some<A>(out + at, count), total);
    store_some<A>(out + at, y, count);
  }
}

template <class A>
void softmax(const SoftmaxArgs& args) {
  for (Index o = 0; o < args.outer; ++o) {
    const float* x = args.x + o * args.n * args.inner;
    float* out = args.out + o * args.n * args.inner;
    if (args.inner == 1) {
      softmax_row<A>(x, out, args.n, args.log);
    } else {
      for_vectors<A>(args.inner, [&](Index i, Index count) {
        softmax_columns<A>(x + i, out + i, args.n, args.inner, count, args.log);
      });
    }
  }
}

}  // namespace
}  // namespace minnow::kernels
