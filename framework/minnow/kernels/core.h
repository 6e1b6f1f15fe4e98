#pragma once

#include <cstdint>

namespace minnow::kernels {

/// Kinds of cores that measurements know as one of a kind: AMD's Zen 3 and 4, AMD's Zen 5, and all others.
enum class Core : std::uint8_t { other, zen3_or_4, zen5 };

/// This machine's, or what it was said to be.
Core core();
/// As users read it: "Zen 5".
constexpr const char* name_of(Core core) {
  return core == Core::zen5 ? "Zen 5" : core == Core::zen3_or_4 ? "Zen 3 or 4" : "other";
}

/// Whether a core's L2 cache is taken to hold 2 MB, as those of Xeons do since 2023: all but AMD's that are known.
inline bool large_l2() { return core() == Core::other; }

/// Whether a core waits long for its L3 cache, as Xeons' do: they read half as much in a second as Zen's.
inline bool slow_l3() { return core() == Core::other; }

/// Asks Linux for AMX's tile registers, if there are any that multiply bytes: whether this process may use them. From
/// then on a signal handler's stack takes 11 KB more, and Linux refuses stacks (sigaltstack) that are too small for it.
bool acquire_tiles();

/// Says what `core` is to answer. For tests, which try each kind's kernels on any machine, while nothing computes.
void assume_core(Core core);

}  // namespace minnow::kernels
