#include "allocations.h"

#ifndef MINNOW_SANITIZED
#include <malloc.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>

namespace {
std::atomic<bool> counting = false;
std::atomic<int> counted = 0;
std::atomic<std::int64_t> counted_bytes = 0;

void count(std::size_t bytes) {
  if (!counting.load(std::memory_order_relaxed)) return;
  ++counted;
  counted_bytes += static_cast<std::int64_t>(bytes);
}

void count_in(const std::function<void()>& function) {
  counted = 0;
  counted_bytes = 0;
  counting = true;
  function();
  counting = false;
}
}  // namespace

// What a program defines under these names all of its libraries call, libstdc++'s operator new and the OpenMP runtime
// among them. glibc has its own functions under other names as well, and calls them within itself.
#pragma GCC visibility push(default)
extern "C" {
void* __libc_malloc(std::size_t size) noexcept;
void* __libc_calloc(std::size_t number, std::size_t size) noexcept;
void* __libc_realloc(void* memory, std::size_t size) noexcept;
void* __libc_memalign(std::size_t alignment, std::size_t size) noexcept;

void* malloc(std::size_t size) noexcept {
  count(size);
  return __libc_malloc(size);
}
void* calloc(std::size_t number, std::size_t size) noexcept {
  count(number * size);
  return __libc_calloc(number, size);
}
void* realloc(void* memory, std::size_t size) noexcept {
  count(size);
  return __libc_realloc(memory, size);
}
void* memalign(std::size_t alignment, std::size_t size) noexcept {
  count(size);
  return __libc_memalign(alignment, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
  count(size);
  return __libc_memalign(alignment, size);
}
int posix_memalign(void** memory, std::size_t alignment, std::size_t size) noexcept {
  count(size);
  *memory = __libc_memalign(alignment, size);
  return *memory ? 0 : ENOMEM;
}
void* mmap(void* address, std::size_t length, int protection, int flags, int file, off_t offset) noexcept {
  count(length);
  return reinterpret_cast<void*>(syscall(SYS_mmap, address, length, protection, flags, file, offset));
}
void* mmap64(void* address, std::size_t length, int protection, int flags, int file, off64_t offset) noexcept {
  return mmap(address, length, protection, flags, file, offset);
}
}
#pragma GCC visibility pop

int minnow::test::allocations(const std::function<void()>& function) {
  count_in(function);
  return counted;
}

std::int64_t minnow::test::allocated_bytes(const std::function<void()>& function) {
  count_in(function);
  return counted_bytes;
}
#endif
