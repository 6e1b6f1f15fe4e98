#pragma once

#include <cstdint>
#include <functional>

namespace minnow::test {

#ifndef MINNOW_SANITIZED  // sanitizers bring functions of their own
/// How often `function` asks for memory, on any thread, and whatever library asks: operator new, malloc, calloc,
/// realloc, aligned_alloc, posix_memalign and mmap count. A tensor does twice at least, whatever its size.
int allocations(const std::function<void()>& function);

/// How many bytes it asks for in all.
std::int64_t allocated_bytes(const std::function<void()>& function);
#endif

}  // namespace minnow::test
