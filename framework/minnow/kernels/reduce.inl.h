#pragma once

#include <minnow/kernels/simd.h>

namespace minnow::kernels {
namespace {

/// The sum of f(x[i]), i < n, where f takes and gives vectors. Floats add eight values, then eight of these sums, then
/// four of those; what is above that is added in double.
template <class A, class F>
MINNOW_INLINE double sum_of(const float* x, Index n, F f) {
  constexpr Index W = kWidth<A>, kAccumulators = 8, kRounds = 8, kBlocks = 4, kAhead = 2048;
  double total = 0;
  Index i = 0;
  while (i + W * kAccumulators <= n) {  // long runs: the lanes of a vector are added at the end of each
    Vec<A> run(0.0f);
    for (Index block = 0; block < kBlocks && i + W * kAccumulators <= n; ++block) {
      const Index rounds = smaller(kRounds, (n - i) / (W * kAccumulators));
      Vec<A> acc[kAccumulators];
      const float* p = x + i;
      const auto value = [&](Index u) {
        __builtin_prefetch(p + u * W + kAhead);  // the sums between two runs hold the hardware's prefetching up
        return f(load<A>(p + u * W));
      };
      unroll<kAccumulators>([&](auto u) { acc[u] = value(u); });
      for (Index round = 1; round < rounds; ++round) {
        p += W * kAccumulators;
        unroll<kAccumulators>([&](auto u) { acc[u] += value(u); });
      }
      run += ((acc[0] + acc[1]) + (acc[2] + acc[3])) + ((acc[4] + acc[5]) + (acc[6] + acc[7]));
      i += rounds * W * kAccumulators;
    }
    total += sum<A>(run);
  }
  for (; i + W * 4 <= n; i += W * 4) {
    total +=
        sum<A>((f(load<A>(x + i)) + f(load<A>(x + i + W))) + (f(load<A>(x + i + 2 * W)) + f(load<A>(x + i + 3 * W))));
  }
  Vec<A> rest(0.0f);
  for (; i + W <= n; i += W) rest += f(load<A>(x + i));
  total += sum<A>(rest);
  float last[W];
  if (i < n) store<A>(last, f(load_first<A>(x + i, n - i)));
  for (int lane = 0; i < n; ++i, ++lane) total += last[lane];
  return total;
}

template <class A>
MINNOW_INLINE double sum_of(const float* x, Index n) {
  return sum_of<A>(x, n, [](Vec<A> v) { return v; });
}

/// torch's maximum, as an operation on vectors and on floats, with the value it starts from.
struct Greatest {
  static constexpr float start = -std::numeric_limits<float>::infinity();
  template <class A>
  MINNOW_INLINE static Vec<A> of(Vec<A> a, Vec<A> b) {
    return max_nan<A>(a, b);
  }
  MINNOW_INLINE static float of(float a, float b) { return b > a || b != b ? b : a; }
};

/// The greatest of x[0 ... n); of equal ones any, of NaNs any.
template <class A>
MINNOW_INLINE float greatest_of(const float* x, Index n) {
  constexpr int W = kWidth<A>;
  float result = Greatest::start;
  Index i = 0;
  if (n >= W) {
    Vec<A> acc[4] = {Vec<A>(result), Vec<A>(result), Vec<A>(result), Vec<A>(result)};
    for (; i + 4 * W <= n; i += 4 * W) {
      unroll<4>([&](auto u) { acc[u] = max_nan<A>(acc[u], load<A>(x + i + u * W)); });
    }
    for (; i + W <= n; i += W) acc[0] = max_nan<A>(acc[0], load<A>(x + i));
    float lanes[W];
    store<A>(lanes, max_nan<A>(max_nan<A>(acc[0], acc[1]), max_nan<A>(acc[2], acc[3])));
    for (float lane : lanes) result = Greatest::of(result, lane);
  }
  for (; i < n; ++i) result = Greatest::of(result, x[i]);
  return result;
}

/// Calls f(first, count) for the columns [0, n) in steps of a vector; count < kWidth only at the end.
template <class A, class F>
MINNOW_INLINE void for_vectors(Index n, F f) {
  Index i = 0;
  for (; i + kWidth<A> <= n; i += kWidth<A>) f(i, Index{kWidth<A>});
  if (i < n) f(i, n - i);
}

/// load_first and store_first that also take whole vectors.
template <class A>
MINNOW_INLINE Vec<A> load_some(const float* p, Index n) {
  return n == kWidth<A> ? load<A>(p) : load_first<A>(p, n);
}
template <class A>
MINNOW_INLINE void store_some(float* p, Vec<A> v, Index n) {
  if (n == kWidth<A>) {
    store<A>(p, v);
  } else {
    store_first<A>(p, v, n);
  }
}

/// The sum over r of x[r * step + lane], r < n, for the first `count` lanes: sums of 32, of 32 of these, and so on, so
/// that no accumulator adds many values.
template <class A>
MINNOW_INLINE Vec<A> sum_rows(const float* x, Index n, Index step, Index count) {
  constexpr Index kRun = 32;
  Vec<A> total(0.0f), middle(0.0f);
  for (Index r = 0; r < n; r += kRun) {
    Vec<A> run(0.0f);
    const Index end = r + kRun < n ? r + kRun : n;
    for (Index s = r; s < end; ++s) run += load_some<A>(x + s * step, count);
    middle += run;
    if (r / kRun % kRun == kRun - 1) {
      total += middle;
      middle = Vec<A>(0.0f);
    }
  }
  return total + middle;
}

}  // namespace
}  // namespace minnow::kernels
