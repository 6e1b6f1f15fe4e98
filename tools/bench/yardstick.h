#pragma once

#include <benchmark/benchmark.h>

#include <ctime>
#include <string>
#include <vector>

#include "median.h"

namespace minnow::bench {

/// Seconds that this thread has computed: other programs on the machine do not count.
inline double thread_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

template <class F>
double seconds(F&& f) {
  const double start = thread_seconds();
  f();
  return thread_seconds() - start;
}

/// Times `work`, which does `amount` units (operations or bytes), and in turn with it the yardstick, which returns how
/// many units it did: both see the same machine, however loaded. Reports the medians in 10^9 units a second, and their
/// ratio.
template <class Work, class Yardstick>
void compare(benchmark::State& state, double amount, Work work, Yardstick yardstick) {
  std::vector<double> speeds, limits;
  work();
  for (auto _ : state) {
    const double own = seconds(work);
    state.SetIterationTime(own);
    speeds.push_back(amount / own * 1e-9);
    double units = 0;
    const double time = seconds([&] { units = yardstick(); });
    limits.push_back(units / time * 1e-9);
  }
  state.counters["G/s"] = median(speeds);
  state.counters["limit"] = median(limits);
  state.counters["share_%"] = 100 * median(speeds) / median(limits);
}

}  // namespace minnow::bench
