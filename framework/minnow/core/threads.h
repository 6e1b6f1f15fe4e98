#pragma once

#include <cstdint>
#include <type_traits>

namespace minnow {

/// How many threads an operation may use. By default what the process may really use: the smaller of its CPU affinity
/// and its cgroup's quota.
int num_threads();

/// Sets it for the whole process. Throws below 1.
void set_num_threads(int count);

namespace detail {
void parallel_for(std::int64_t count, std::int64_t grain, void (*body)(void*, std::int64_t, std::int64_t),
                  void* context);
}

/// Calls body(first, last) for ranges that cover [0, count), each of at least `grain` items but the last, on up to
/// num_threads() threads. Inside a body it runs on the calling thread. The body must give results that do not depend on
/// where the ranges are cut: split outputs, never a sum. Exceptions must not leave the body.
template <class Body>
void parallel_for(std::int64_t count, std::int64_t grain, Body&& body) {
  using B = std::remove_reference_t<Body>;
  detail::parallel_for(
      count, grain,
      [](void* context, std::int64_t first, std::int64_t last) { (*static_cast<B*>(context))(first, last); },
      const_cast<void*>(static_cast<const void*>(&body)));
}

}  // namespace minnow
