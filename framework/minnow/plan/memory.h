#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace minnow {

/// Memory for packed weights and arenas: zeroed, aligned to 64 bytes, in huge pages where there are any, since kernels
/// stride over more small pages than the processor can remember. Throws where there is not that much.
std::shared_ptr<std::byte> allocate_pages(std::int64_t bytes);

/// Arrays of such memory that are made one after the other and live about as long: cut from large pieces, so that small
/// arrays lie in huge pages as well, and fresh memory is touched hundreds of times rather than thousands. A piece stays
/// mapped as long as any array in it lives; of those that do not, the whole pages go back to the system.
class PagePool {
 public:
  std::shared_ptr<std::byte> allocate(std::int64_t bytes);

 private:
  std::shared_ptr<std::byte> piece_;
  std::int64_t size_ = 0, used_ = 0;
};

}  // namespace minnow
