#include <omp.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <cmath>

#include <minnow/core/cgroup.h>
#include <minnow/core/error.h>
#include <minnow/core/threads.h>

namespace minnow {
namespace {

int affinity() {
  cpu_set_t set;
  CPU_ZERO(&set);
  return sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : omp_get_num_procs();
}

std::atomic<int>& count() {
  static std::atomic<int> value = [] {
    const int cpus = std::max(1, affinity());
    const double limit = std::ceil(detail::cgroup_cpus("/sys/fs/cgroup", "/proc/self/cgroup"));
    return limit < cpus ? std::max(1, static_cast<int>(limit)) : cpus;
  }();
  return value;
}

// The threads that one call uses of those that no other call is using; at least the calling one.
class ThreadsInUse {
 public:
  explicit ThreadsInUse(int wanted) {
    int used = in_use;
    do {
      count_ = std::max(1, std::min(wanted, num_threads() - used));
    } while (!in_use.compare_exchange_weak(used, used + count_));
  }
  ~ThreadsInUse() { in_use -= count_; }
  ThreadsInUse(const ThreadsInUse&) = delete;
  ThreadsInUse& operator=(const ThreadsInUse&) = delete;

  int count() const { return count_; }

 private:
  static inline std::atomic<int> in_use = 0;
  int count_;
};

}  // namespace

int num_threads() { return count(); }

void set_num_threads(int threads) {
  if (threads < 1 || threads > max_threads) fail("set_num_threads: expected 1 to ", max_threads, ", got ", threads);
  count() = threads;
}

namespace detail {

void parallel_for(std::int64_t items, std::int64_t grain, int most,
                  void (*body)(void*, int, std::int64_t, std::int64_t), void* context) {
  if (items <= 0) return;
  const std::int64_t pieces = (items + std::max<std::int64_t>(grain, 1) - 1) / std::max<std::int64_t>(grain, 1);
  // However few pieces there are: for a team of another size than the last one, libgomp allocates, and ends or starts
  // threads.
  const ThreadsInUse threads(omp_in_parallel() || pieces == 1 ? 1 : std::min(num_threads(), most));
  if (threads.count() <= 1) return body(context, 0, 0, items);
#pragma omp parallel num_threads(threads.count())
  {
    const std::int64_t workers = std::min<std::int64_t>(omp_get_num_threads(), pieces), worker = omp_get_thread_num();
    const std::int64_t first = items * worker / workers, last = items * (worker + 1) / workers;
    if (worker < workers && first < last) body(context, static_cast<int>(worker), first, last);
  }
}

}  // namespace detail
}  // namespace minnow
