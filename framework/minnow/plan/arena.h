#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace minnow {

/// A buffer of a plan: how large it is, and the first and the last step that touch it.
struct Lifetime {
  std::int64_t bytes = 0;
  int first = 0, last = 0;
};

struct ArenaLayout {
  std::vector<std::int64_t> offsets;  // of each buffer, multiples of 64
  std::int64_t bytes = 0;             // of the arena
};

/// Places buffers in one arena so that those that live at the same time do not overlap: the largest first, each into
/// the tightest gap that is free while it lives (greedy by size, Pisarchyk and Lee 2020). A pure function.
ArenaLayout place(std::span<const Lifetime> buffers);

}  // namespace minnow
