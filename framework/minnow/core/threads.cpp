#include <omp.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <fstream>
#include <string>

#include <minnow/core/error.h>
#include <minnow/core/threads.h>

namespace minnow {
namespace {

int affinity() {
  cpu_set_t set;
  CPU_ZERO(&set);
  return sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : omp_get_num_procs();
}

// The CPU time per period that the cgroup allows, in whole CPUs, at least one; `fallback` where there is no limit.
int quota(int fallback) {
  const auto cpus = [&](double allowed, double period) {
    return allowed > 0 && period > 0 ? std::max(1, static_cast<int>(std::ceil(allowed / period))) : fallback;
  };
  std::string allowed;
  double period = 0;
  if (std::ifstream v2("/sys/fs/cgroup/cpu.max"); v2 >> allowed >> period) {
    return allowed == "max" ? fallback : cpus(std::atof(allowed.c_str()), period);
  }
  double microseconds = 0;
  std::ifstream v1_quota("/sys/fs/cgroup/cpu/cpu.cfs_quota_us"), v1_period("/sys/fs/cgroup/cpu/cpu.cfs_period_us");
  return v1_quota >> microseconds && v1_period >> period ? cpus(microseconds, period) : fallback;
}

std::atomic<int>& count() {
  static std::atomic<int> value = [] {
    const int cpus = std::max(1, affinity());
    return std::min(cpus, quota(cpus));
  }();
  return value;
}

}  // namespace

int num_threads() { return count(); }

void set_num_threads(int threads) {
  if (threads < 1) fail("set_num_threads: expected at least 1, got ", threads);
  count() = threads;
}

namespace detail {

void parallel_for(std::int64_t items, std::int64_t grain, void (*body)(void*, std::int64_t, std::int64_t),
                  void* context) {
  if (items <= 0) return;
  const std::int64_t most = (items + std::max<std::int64_t>(grain, 1) - 1) / std::max<std::int64_t>(grain, 1);
  const auto threads = static_cast<int>(std::min<std::int64_t>(num_threads(), most));
  if (threads <= 1 || omp_in_parallel()) return body(context, 0, items);
#pragma omp parallel num_threads(threads)
  {
    const std::int64_t team = omp_get_num_threads(), rank = omp_get_thread_num();
    const std::int64_t first = items * rank / team, last = items * (rank + 1) / team;
    if (first < last) body(context, first, last);
  }
}

}  // namespace detail
}  // namespace minnow
