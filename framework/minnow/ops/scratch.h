#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <minnow/core/tensor.h>
#include <minnow/core/threads.h>

namespace minnow::detail {

/// parallel_for for a body(scratch, first, last) that needs `bytes` of memory of its own: uninitialised, aligned to 64
/// bytes, and only for as many workers as there can be ranges.
template <class Body>
void parallel_for_with_scratch(std::int64_t count, std::int64_t grain, std::int64_t bytes, Body body) {
  const int threads = num_threads();
  const std::int64_t workers = std::min<std::int64_t>(threads, (count + grain - 1) / grain);
  const std::int64_t stride = (bytes + 63) / 64 * 64;
  const Tensor memory = empty({workers * stride / size_of(DType::float32)});
  std::byte* scratch = memory.storage().get();
  parallel_for_workers(count, grain, threads, [&](int worker, std::int64_t first, std::int64_t last) {
    body(scratch + worker * stride, first, last);
  });
}

}  // namespace minnow::detail
