#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <minnow/graph/graph.h>

namespace minnow {

/// A buffer of a plan: how large it is, and the first and the last step that touch it.
struct Lifetime {
  std::int64_t bytes = 0;
  int first = 0, last = 0;
};

/// Which values of a graph share memory, and when it is touched.
struct Lifetimes {
  std::vector<ValueId> root;    // of each value the one whose memory it is: itself, or what it is a view of
  std::vector<Lifetime> lives;  // of each root; where no step touches it, the last is -1
};

/// `bytes` are those of each value. `step_of_node` has for each node which of `steps` steps it is, or -1 where its
/// output is its input, seen otherwise. Inputs of the graph are touched at the start, outputs when all is done. A pure
/// function.
Lifetimes lifetimes_of(const Graph& graph, std::span<const std::int64_t> bytes, std::span<const int> step_of_node,
                       int steps);

/// Lets outputs take the memory of inputs that die there: of each node the input that its step may overwrite, or -1.
/// Inputs of the graph and constants are the caller's.
void overwrite(Lifetimes& values, const Graph& graph, std::span<const ValueId> overwritten);

struct ArenaLayout {
  std::vector<std::int64_t> offsets;  // of each buffer, multiples of 64
  std::int64_t bytes = 0;             // of the arena
};

/// Places buffers in one arena so that those that live at the same time do not overlap: the largest first, each into
/// the tightest gap that is free while it lives (greedy by size, Pisarchyk and Lee 2020). A pure function.
ArenaLayout place(std::span<const Lifetime> buffers);

}  // namespace minnow
