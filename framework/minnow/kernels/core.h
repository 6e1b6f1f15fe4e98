#pragma once

#include <cstdint>

namespace minnow::kernels {

/// Kinds of cores that measurements know as one of a kind: AMD's Zen 3 and 4, AMD's Zen 5, and all others.
enum class Core : std::uint8_t { other, zen3_or_4, zen5 };

/// This machine's, or what it was said to be.
Core core();

/// Whether a core's L2 cache holds 2 MB, as those of Xeons do since 2023. AMD's hold 1 MB or less.
inline bool large_l2() { return core() == Core::other; }

/// Whether this process may use AMX's tile registers, and they multiply bytes. Linux lends them to those who ask, which
/// this does; from then on its signal handlers need some 11 KB of stack.
bool lends_tiles();

/// Says what `core` is to answer. For tests, which try each kind's kernels on any machine, while nothing computes.
void assume_core(Core core);

}  // namespace minnow::kernels
