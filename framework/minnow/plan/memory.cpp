#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>

#include <minnow/core/error.h>
#include <minnow/plan/memory.h>

namespace minnow {
namespace {

constexpr std::size_t kHugePage = 2u << 20;

// The pages that lie wholly within. Advice may be refused: nothing depends on it.
void advise(std::byte* first, std::int64_t bytes, int advice) {
  static const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
  const auto start = reinterpret_cast<std::uintptr_t>(first);
  const std::uintptr_t begin = (start + page - 1) / page * page;
  const std::uintptr_t end = (start + static_cast<std::uintptr_t>(bytes)) / page * page;
  if (begin < end) madvise(reinterpret_cast<void*>(begin), end - begin, advice);
}

}  // namespace

std::shared_ptr<std::byte> allocate_pages(std::int64_t bytes) {
  const auto size = static_cast<std::size_t>(bytes > 0 ? bytes : 1);
  // Room to begin at a multiple of a huge page; what is never touched costs nothing.
  const std::size_t mapped = size < kHugePage ? size : size + kHugePage;
  void* start = mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (start == MAP_FAILED) fail("there is no memory for ", bytes, " bytes of a plan");
  auto* first = static_cast<std::byte*>(start);
  if (const std::size_t into = reinterpret_cast<std::uintptr_t>(start) % kHugePage; size >= kHugePage && into > 0) {
    first += kHugePage - into;
  }
  return {first, [start, mapped](std::byte*) { munmap(start, mapped); }};
}

void populate(std::byte* first, std::int64_t bytes) {
#ifdef MADV_POPULATE_WRITE  // Linux 5.14; without it, touching makes the pages
  advise(first, bytes, MADV_POPULATE_WRITE);
#endif
}

void gather(std::byte* first, std::int64_t bytes) { advise(first, bytes, MADV_HUGEPAGE); }

std::shared_ptr<std::byte> PagePool::allocate(std::int64_t bytes) {
  constexpr std::int64_t least = 64 << 20, line = 64;  // a piece, and what arrays are aligned to
  if (pieces_.empty() || bytes > pieces_.back().bytes - pieces_.back().used) {
    const std::int64_t size = std::max(bytes, least);
    pieces_.push_back({allocate_pages(size), size});
  }
  Piece& piece = pieces_.back();
  std::shared_ptr<std::byte> array(piece.memory.get() + piece.used, [memory = piece.memory, bytes](std::byte* first) {
    advise(first, bytes, MADV_DONTNEED);
  });
  piece.used = std::min(piece.bytes, (piece.used + bytes + line - 1) / line * line);
  return array;
}

void PagePool::gather() const {
  for (const Piece& piece : pieces_) minnow::gather(piece.memory.get(), piece.used);
}

}  // namespace minnow
