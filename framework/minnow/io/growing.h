#pragma once

#include <sys/mman.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <utility>

#include <minnow/core/error.h>

namespace minnow {

/// Memory that grows while a tensor of unknown size is read. It grows by a share of itself, but by no more than a few
/// MiB at a time, and large blocks are moved by mapping their pages anew, so the peak stays close to what was read.
/// realloc does so for some blocks only, and for which ones depends on what the process has freed before.
class GrowingMemory {
 public:
  GrowingMemory() = default;
  ~GrowingMemory() { give_back(data_, capacity_, mapped_); }
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
    size_ = 0;
    const std::size_t bytes = std::exchange(capacity_, 0);
    const bool mapped = std::exchange(mapped_, false);
    return {std::exchange(data_, nullptr), [=](std::byte* memory) { give_back(memory, bytes, mapped); }};
  }

 private:
  static constexpr std::size_t smallest = 256, largest = std::size_t{4} << 20, worth_mapping = std::size_t{1} << 20;

  static void give_back(std::byte* memory, std::size_t bytes, bool mapped) {
    if (mapped) {
      munmap(memory, bytes);
    } else {
      std::free(memory);
    }
  }

  void resize(std::size_t capacity) {
    void* grown = nullptr;
    if (mapped_) {
      grown = mremap(data_, capacity_, capacity, MREMAP_MAYMOVE);
    } else if (capacity < worth_mapping) {
      grown = std::realloc(data_, capacity);
    } else {
      grown = mmap(nullptr, capacity, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    }
    if (!grown || grown == MAP_FAILED) fail("there is no memory for a tensor of ", size_, " bytes");
    if (!mapped_ && capacity >= worth_mapping) {
      if (size_ > 0) std::memcpy(grown, data_, size_);
      std::free(data_);
      mapped_ = true;
    }
    data_ = static_cast<std::byte*>(grown);
    capacity_ = capacity;
  }

  std::byte* data_ = nullptr;
  std::size_t size_ = 0, capacity_ = 0;
  bool mapped_ = false;  // rather than allocated
};

}  // namespace minnow
