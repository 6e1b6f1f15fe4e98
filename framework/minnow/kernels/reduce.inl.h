#pragma once

#include <minnow/kernels/reduce.h>
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

/// torch's maximum and minimum, as operations on vectors and on floats, with the value they start from.
struct Greatest {
  static constexpr float start = -std::numeric_limits<float>::infinity();
  template <class A>
  MINNOW_INLINE static Vec<A> of(Vec<A> a, Vec<A> b) {
    return max_nan<A>(a, b);
  }
  MINNOW_INLINE static float of(float a, float b) { return b > a || b != b ? b : a; }
};
struct Least {
  static constexpr float start = std::numeric_limits<float>::infinity();
  template <class A>
  MINNOW_INLINE static Vec<A> of(Vec<A> a, Vec<A> b) {
    return min_nan<A>(a, b);
  }
  MINNOW_INLINE static float of(float a, float b) { return b < a || b != b ? b : a; }
};

/// The greatest (or least) of x[0 ... n); of equal ones any, of NaNs any.
template <class A, class Op>
MINNOW_INLINE float extreme_of(const float* x, Index n) {
  constexpr int W = kWidth<A>;
  float result = Op::start;
  Index i = 0;
  if (n >= W) {
    Vec<A> acc[4] = {Vec<A>(Op::start), Vec<A>(Op::start), Vec<A>(Op::start), Vec<A>(Op::start)};
    for (; i + 4 * W <= n; i += 4 * W) {
      unroll<4>([&](auto u) { acc[u] = Op::template of<A>(acc[u], load<A>(x + i + u * W)); });
    }
    for (; i + W <= n; i += W) acc[0] = Op::template of<A>(acc[0], load<A>(x + i));
    float lanes[W];
    store<A>(lanes, Op::template of<A>(Op::template of<A>(acc[0], acc[1]), Op::template of<A>(acc[2], acc[3])));
    for (float lane : lanes) result = Op::of(result, lane);
  }
  for (; i < n; ++i) result = Op::of(result, x[i]);
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

template <class A>
void reduce_sum(const ReduceArgs& args) {
  const Index plane = args.reduce * args.inner;
  const double divisor = args.op == Reduce::mean ? static_cast<double>(args.reduce) : 1.0;
  for (Index o = 0; o < args.outer; ++o) {
    const float* x = args.x + o * plane;
    float* out = args.out + o * args.inner;
    if (args.inner == 1) {
      *out = static_cast<float>(sum_of<A>(x, args.reduce) / divisor);
    } else {
      for_vectors<A>(args.inner, [&](Index i, Index count) {
        const Vec<A> total = sum_rows<A>(x + i, args.reduce, args.inner, count);
        store_some<A>(out + i, divide<A>(total, Vec<A>(static_cast<float>(divisor))), count);
      });
    }
  }
}

template <class A, class Op>
void reduce_extreme(const ReduceArgs& args) {
  const Index plane = args.reduce * args.inner;
  for (Index o = 0; o < args.outer; ++o) {
    const float* x = args.x + o * plane;
    float* out = args.out + o * args.inner;
    if (args.inner == 1) {
      *out = extreme_of<A, Op>(x, args.reduce);
    } else {
      for_vectors<A>(args.inner, [&](Index i, Index count) {
        Vec<A> acc(Op::start);
        for (Index r = 0; r < args.reduce; ++r) {
          acc = Op::template of<A>(acc, load_some<A>(x + r * args.inner + i, count));
        }
        store_some<A>(out + i, acc, count);
      });
    }
  }
}

template <class A>
void reduce(const ReduceArgs& args) {
  switch (args.op) {
    case Reduce::sum:
    case Reduce::mean:
      return reduce_sum<A>(args);
    case Reduce::max:
      return reduce_extreme<A, Greatest>(args);
    case Reduce::min:
      return reduce_extreme<A, Least>(args);
  }
}

}  // namespace
}  // namespace minnow::kernels
