#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace minnow {

/// Memory for packed weights and arenas: zeroed, aligned to 64 bytes, and not there before it is touched. Throws where
/// there is not that much.
std::shared_ptr<std::byte> allocate_pages(std::int64_t bytes);

/// Has the system make the pages of memory that is about to be written, which takes less than touching each.
void populate(std::byte* first, std::int64_t bytes);

/// Has the system gather memory into huge pages, since kernels stride over more small ones than the processor can
/// remember: at its leisure if the memory was touched before, as it should be. A huge page that is wanted at once may
/// have to be waited for; the host of a virtual machine takes milliseconds to find one.
void gather(std::byte* first, std::int64_t bytes);

/// Arrays of such memory that are made one after the other and live about as long: cut from large pieces, so that small
/// arrays come to lie in huge pages as well. A piece stays mapped as long as any array in it lives; of those that do
/// not, the whole pages go back to the system.
class PagePool {
 public:
  std::shared_ptr<std::byte> allocate(std::int64_t bytes);

  /// All arrays so far, which should have been written.
  void gather() const;

 private:
  struct Piece {
    std::shared_ptr<std::byte> memory;
    std::int64_t bytes = 0, used = 0;
  };
  std::vector<Piece> pieces_;
};

}  // namespace minnow
