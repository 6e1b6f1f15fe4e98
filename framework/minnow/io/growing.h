#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <memory>

#include <minnow/core/error.h>

namespace minnow {

/// Memory that grows while a tensor of unknown size is read. It grows by a share of itself, but by no more than a few
/// MiB at a time: realloc moves large blocks by remapping them, so the peak stays close to what was read.
class GrowingMemory {
 public:
  GrowingMemory() = default;
  ~GrowingMemory() { std::free(data_); }
  GrowingMemory(const GrowingMemory&) = delete;
  GrowingMemory& operator=(const GrowingMemory&) = delete;

  std::byte* data() { return data_; }
  std::size_t size() const { return size_; }
  /// Forgets all but the first `size` bytes.
  void cut(std::size_t size) { size_ = size; }

  /// Makes room for `count` more bytes and says where they are.
  std::byte* extend(std::size_t count) {
    if (capacity_ - size_ < count) resize(size_ + count + std::clamp(size_, smallest, largest));
    size_ += count;
    return data_ + size_ - count;
  }
  template <class T>
  void append(T value) {
    std::memcpy(extend(sizeof(T)), &value, sizeof(T));
  }

  /// The memory, cut to its size; this one is empty afterwards.
  std::shared_ptr<std::byte> release() {
    resize(std::max<std::size_t>(size_, 1));
    std::shared_ptr<std::byte> result(data_, [](std::byte* memory) { std::free(memory); });
    data_ = nullptr;
    size_ = capacity_ = 0;
    return result;
  }

 private:
  static constexpr std::size_t smallest = 256, largest = std::size_t{4} << 20;

  void resize(std::size_t capacity) {
    auto* grown = static_cast<std::byte*>(std::realloc(data_, capacity));
    if (!grown) fail("there is no memory for a tensor of ", size_, " bytes");
    data_ = grown;
    capacity_ = capacity;
  }

  std::byte* data_ = nullptr;
  std::size_t size_ = 0, capacity_ = 0;
};

}  // namespace minnow
