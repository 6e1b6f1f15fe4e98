#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <mutex>
#include <new>
#include <vector>

#include <minnow/core/tensor.h>

namespace minnow::test {

/// Memory that ends at a page, and begins behind one, that nobody may touch: who reads beyond it crashes. (What was
/// given back is used again: an emulator takes long to protect a page.)
class Walled {
 public:
  explicit Walled(std::size_t bytes) {
    const std::size_t pages = (bytes + page() - 1) / page();
    const std::lock_guard lock(mutex_);
    const auto large_enough = [&](const Room& room) { return room.pages >= pages && room.pages <= 2 * pages + 1; };
    if (const auto idle = std::find_if(idle_.begin(), idle_.end(), large_enough); idle != idle_.end()) {
      room_ = *idle;
      idle_.erase(idle);
      return;
    }
    void* all = ::mmap(nullptr, (pages + 2) * page(), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (all == MAP_FAILED) throw std::bad_alloc();
    room_ = {static_cast<std::byte*>(all) + page(), pages};
    if (pages > 0 && ::mprotect(begin(), pages * page(), PROT_READ | PROT_WRITE) != 0) throw std::bad_alloc();
  }
  ~Walled() {
    const std::lock_guard lock(mutex_);
    idle_.push_back(room_);
  }
  Walled(const Walled&) = delete;
  Walled& operator=(const Walled&) = delete;

  std::byte* begin() const { return room_.first; }
  std::byte* end() const { return room_.first + room_.pages * page(); }

 private:
  struct Room {
    std::byte* first;
    std::size_t pages;
  };

  static std::size_t page() {
    static const auto size = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    return size;
  }

  static inline std::mutex mutex_;
  static inline std::vector<Room> idle_;
  Room room_;
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
