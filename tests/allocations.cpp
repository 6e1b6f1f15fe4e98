#include "allocations.h"

#ifndef MINNOW_SANITIZED
#include <atomic>
#include <cstdlib>
#include <new>

namespace {
std::atomic<bool> counting = false;
std::atomic<int> counted = 0;
}  // namespace

// What every test program allocates and frees with.
[[gnu::noinline]] void* operator new(std::size_t size) {
  if (counting) ++counted;
  if (void* memory = std::malloc(size ? size : 1)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

int minnow::test::allocations(const std::function<void()>& function) {
  counted = 0;
  counting = true;
  function();
  counting = false;
  return counted;
}
#endif
