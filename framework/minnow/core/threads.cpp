#include <omp.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <exception>
#include <optional>
#include <utility>

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

/// One thread's range of a loop.
struct Loop {
  std::int64_t items, pieces;
  void (*body)(void*, int, std::int64_t, std::int64_t);
  void* context;

  void run(std::int64_t worker, std::int64_t threads) const noexcept {
    const std::int64_t workers = std::min(threads, pieces);
    const std::int64_t first = items * worker / workers, last = items * (worker + 1) / workers;
    if (worker < workers && first < last) body(context, static_cast<int>(worker), first, last);
  }
};

void relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

/// Returns when `value` is no longer `old`: spins for a while, then sleeps.
template <class T>
void await_change(const std::atomic<T>& value, T old, int spins) {
  for (int i = 0; i < spins; ++i) {
    if (value.load(std::memory_order_acquire) != old) return;
    relax();
  }
  value.wait(old, std::memory_order_acquire);
}

/// Threads that share one loop after another. Between loops they wait for each other; of two threads, that takes a
/// quarter of the time in which OpenMP ends one parallel region and begins the next.
class Team {
 public:
  explicit Team(int most) {
    static const int cores = affinity();
    spins_ = most > cores ? 100 : 20'000;
  }
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;

  /// The team that this thread leads, or null.
  static inline thread_local Team* led = nullptr;

  /// For its leader, which is worker 0: calls body(), whose loops the team shares. Returns what it throws.
  std::exception_ptr lead(int threads, void (*body)(void*), void* context) {
    std::exception_ptr error;
    threads_ = threads;
    Team* const outer = std::exchange(led, this);
    try {
      body(context);
    } catch (...) {
      error = std::current_exception();
    }
    led = outer;
    begin(nullptr);
    return error;
  }
  void run(const Loop& loop) {
    begin(&loop);
    loop.run(0, threads_);
    for (int busy; (busy = busy_.load(std::memory_order_acquire)) > 0;) await_change(busy_, busy, spins_);
  }

  /// For the others, until the leader's body ends.
  void serve(int worker, int threads) {
    for (unsigned last = 0;; ++last) {
      await_change(number_, last, spins_);
      if (!loop_) return;
      loop_->run(worker, threads);
      if (busy_.fetch_sub(1, std::memory_order_acq_rel) == 1) busy_.notify_one();
    }
  }

 private:
  void begin(const Loop* loop) {
    loop_ = loop;
    busy_.store(threads_ - 1, std::memory_order_relaxed);
    number_.fetch_add(1, std::memory_order_acq_rel);
    number_.notify_all();
  }

  int threads_ = 1;
  int spins_;  // for about as long as a loop takes, unless threads wait for each other's cores
  const Loop* loop_ = nullptr;
  alignas(64) std::atomic<unsigned> number_ = 0;  // of the loop
  alignas(64) std::atomic<int> busy_ = 0;
};

}  // namespace

int num_threads() { return count(); }

void set_num_threads(int threads) {
  if (threads < 1 || threads > max_threads) fail("set_num_threads: expected 1 to ", max_threads, ", got ", threads);
  count() = threads;
}

namespace detail {

void with_team(int most, void (*body)(void*), void* context) {
  std::optional<ThreadsInUse> threads(std::in_place, omp_in_parallel() ? 1 : std::min(num_threads(), most));
  if (threads->count() <= 1) {
    threads.reset();  // each loop takes those that are free then
    return body(context);
  }
  std::exception_ptr error;
  Team team(threads->count());
#pragma omp parallel num_threads(threads->count())
  if (const int worker = omp_get_thread_num(); worker > 0) {
    team.serve(worker, omp_get_num_threads());
  } else {
    error = team.lead(omp_get_num_threads(), body, context);
  }
  if (error) std::rethrow_exception(error);
}

void parallel_for(std::int64_t items, std::int64_t grain, int most,
                  void (*body)(void*, int, std::int64_t, std::int64_t), void* context) {
  if (items <= 0) return;
  const std::int64_t pieces = (items + std::max<std::int64_t>(grain, 1) - 1) / std::max<std::int64_t>(grain, 1);
  if (Team* const team = Team::led) {
    if (pieces == 1) return body(context, 0, 0, items);
    Team::led = nullptr;  // what the body begins runs on its own thread
    team->run({items, std::min<std::int64_t>(pieces, most), body, context});
    Team::led = team;
    return;
  }
  // However few pieces there are: for a team of another size than the last one, libgomp allocates, and ends or starts
  // threads.
  const ThreadsInUse threads(omp_in_parallel() || pieces == 1 ? 1 : std::min(num_threads(), most));
  if (threads.count() <= 1) return body(context, 0, 0, items);
  const Loop loop{items, pieces, body, context};
#pragma omp parallel num_threads(threads.count())
  loop.run(omp_get_thread_num(), omp_get_num_threads());
}

}  // namespace detail
}  // namespace minnow
