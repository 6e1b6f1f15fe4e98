#pragma once

#include <minnow/kernels/probe.h>
#include <minnow/kernels/simd.h>

namespace minnow::kernels {
namespace {

template <class A>
std::int64_t probe_multiply_add(std::int64_t rounds) {
  constexpr int kChains = kRegisters<A> - 4, kSteps = 8;  // enough chains to hide the latency
  Vec<A> acc[kChains];
  unroll<kChains>([&](auto i) { acc[i] = Vec<A>(static_cast<float>(static_cast<int>(i))); });
  volatile float inputs[2] = {0.5f, 1.0f};  // not known to the compiler
  const Vec<A> factor(inputs[0]), term(inputs[1]);
  for (std::int64_t round = 0; round < rounds; ++round) {
#pragma GCC unroll 8
    for (int step = 0; step < kSteps; ++step) {
      unroll<kChains>([&](auto i) { acc[i] = fma<A>(acc[i], factor, term); });
    }
  }
  Vec<A> total(0.0f);
  unroll<kChains>([&](auto i) { total += acc[i]; });
  volatile float result = sum<A>(total);
  (void)result;
  return rounds * kSteps * kChains * kWidth<A> * 2;
}

template <class A>
float probe_read(const float* x, std::int64_t n) {
  constexpr int kChains = 8;
  Vec<A> acc[kChains];
  unroll<kChains>([&](auto i) { acc[i] = Vec<A>(0.0f); });
  for (; n >= kChains * kWidth<A>; n -= kChains * kWidth<A>, x += kChains * kWidth<A>) {
    unroll<kChains>([&](auto i) { acc[i] += load<A>(x + i * kWidth<A>); });
  }
  float total = 0;
  for (; n > 0; --n) total += *x++;
  unroll<kChains>([&](auto i) { total += sum<A>(acc[i]); });
  return total;
}

}  // namespace
}  // namespace minnow::kernels
