#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>

#include <minnow/core/error.h>
#include <minnow/plan/memory.h>

namespace minnow {
namespace {

constexpr std::size_t kHugePage = 2u << 20;

}  // namespace

std::shared_ptr<std::byte> allocate_pages(std::int64_t bytes) {
  const auto size = static_cast<std::size_t>(bytes > 0 ? bytes : 1);
  // Room to begin at a multiple of a huge page; what is never touched costs nothing.
  const std::size_t mapped = size < kHugePage ? size : size + kHugePage;
  void* start = mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (start == MAP_FAILED) fail("there is no memory for ", bytes, " bytes of a plan");
  auto* first = static_cast<std::byte*>(start);
  if (size >= kHugePage) {
    const std::size_t into = reinterpret_cast<std::uintptr_t>(start) % kHugePage;
    first += into == 0 ? 0 : kHugePage - into;
    madvise(first, size / kHugePage * kHugePage, MADV_HUGEPAGE);
  }
  return {first, [start, mapped](std::byte*) { munmap(start, mapped); }};
}

std::shared_ptr<std::byte> PagePool::allocate(std::int64_t bytes) {
  constexpr std::int64_t least = 64 << 20, line = 64;  // a piece, and what arrays are aligned to
  if (bytes > size_ - used_) {
    size_ = std::max(bytes, least);
    piece_ = allocate_pages(size_);
    used_ = 0;
  }
  std::shared_ptr<std::byte> array(piece_.get() + used_, [piece = piece_, bytes](std::byte* first) {
    const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE)),
               start = reinterpret_cast<std::uintptr_t>(first);
    const std::uintptr_t begin = (start + page - 1) / page * page;
    const std::uintptr_t end = (start + static_cast<std::uintptr_t>(bytes)) / page * page;
    if (begin < end) madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
  });
  used_ = std::min(size_, (used_ + bytes + line - 1) / line * line);
  return array;
}

}  // namespace minnow
