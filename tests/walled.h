#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>

#include <minnow/core/tensor.h>

namespace minnow::test {

/// Memory that ends at a page, and begins behind one, that nobody may touch: who reads beyond it crashes.
class Walled {
 public:
  explicit Walled(std::size_t bytes) : inside_((bytes + page() - 1) / page() * page()) {
    void* all = ::mmap(nullptr, inside_ + 2 * page(), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (all == MAP_FAILED) throw std::bad_alloc();
    first_ = static_cast<std::byte*>(all) + page();
    if (inside_ > 0 && ::mprotect(first_, inside_, PROT_READ | PROT_WRITE) != 0) throw std::bad_alloc();
  }
  ~Walled() { ::munmap(first_ - page(), inside_ + 2 * page()); }
  Walled(const Walled&) = delete;
  Walled& operator=(const Walled&) = delete;

  std::byte* begin() const { return first_; }
  std::byte* end() const { return first_ + inside_; }

 private:
  static std::size_t page() { return static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)); }

  std::size_t inside_;
  std::byte* first_;
};

/// The same values, whose last one stands at the wall.
inline Tensor walled(const Tensor& x) {
  const auto bytes = static_cast<std::size_t>(x.nbytes());
  auto* const memory = new Walled(bytes);
  auto* const first = reinterpret_cast<float*>(memory->end() - bytes);
  std::memcpy(first, x.data(), bytes);
  return from_blob(first, x.shape(), [memory](float*) { delete memory; });
}

}  // namespace minnow::test
