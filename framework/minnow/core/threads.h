#pragma once

#include <cstdint>
#include <limits>
#include <type_traits>

#include <minnow/core/export.h>

namespace minnow {

/// How many threads an operation may use. By default what the process may really use: the smaller of its CPU affinity
/// and its cgroup's quota.
MINNOW_API int num_threads();

/// The most threads that can be asked for.
inline constexpr int max_threads = 1024;

/// Sets it for the whole process. Throws below 1 and above max_threads.
MINNOW_API void set_num_threads(int count);

namespace detail {
MINNOW_API void parallel_for(std::int64_t count, std::int64_t grain, int most,
                             void (*body)(void*, int, std::int64_t, std::int64_t), void* context);
MINNOW_API void with_team(int most, void (*body)(void*), void* context);
}  // namespace detail

/// Calls body(worker, first, last) for ranges that cover [0, count), at most one for each `grain` items begun, on up to
/// `most` threads and num_threads(), whatever is less. `worker` is a number below that and below the number of ranges,
/// another one for each thread: the place of its scratch memory. Inside a body it runs on the calling thread, as worker
/// 0. The body must give results that do not depend on where the ranges are cut: split outputs, never a sum. Exceptions
/// must not leave the body. Threads that other calls are using at the time are not used twice: all calls share one
/// budget of num_threads().
template <class Body>
void parallel_for_workers(std::int64_t count, std::int64_t grain, int most, Body&& body) {
  using B = std::remove_reference_t<Body>;
  detail::parallel_for(
      count, grain, most,
      [](void* context, int worker, std::int64_t first, std::int64_t last) {
        (*static_cast<B*>(context))(worker, first, last);
      },
      const_cast<void*>(static_cast<const void*>(&body)));
}

/// The same for a body(first, last) that needs no memory of its own, on up to num_threads() threads.
template <class Body>
void parallel_for(std::int64_t count, std::int64_t grain, Body&& body) {
  parallel_for_workers(count, grain, std::numeric_limits<int>::max(),
                       [&](int, std::int64_t first, std::int64_t last) { body(first, last); });
}

/// How many items of `each` elements are worth a thread of parallel_for: those that have `enough` together.
constexpr std::int64_t grain_of(std::int64_t each, std::int64_t enough = 32768) {
  return enough / (each > 0 ? each : 1) + 1;
}

/// Calls body(), whose parallel loops share one team of up to `most` threads and num_threads(), which makes many short
/// loops faster. The team is in a parallel region of OpenMP's, and its threads are the call's until it returns; where
/// other calls leave but one, each loop takes those that are free then.
template <class Body>
void with_team(int most, Body&& body) {
  using B = std::remove_reference_t<Body>;
  detail::with_team(
      most, [](void* context) { (*static_cast<B*>(context))(); }, const_cast<void*>(static_cast<const void*>(&body)));
}

}  // namespace minnow
