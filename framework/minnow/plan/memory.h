#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace minnow {

/// Memory for packed weights and arenas: zeroed, aligned to 64 bytes, in huge pages where there are any, since kernels
/// stride over more small pages than the processor can remember. Throws where there is not that much.
std::shared_ptr<std::byte> allocate_pages(std::int64_t bytes);

}  // namespace minnow
