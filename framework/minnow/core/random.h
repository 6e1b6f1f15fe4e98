#pragma once

#include <cstdint>
#include <span>

#include <minnow/core/export.h>

namespace minnow {

/// Seeds everything random that follows: rand, randn, dropout, and parameters that nobody loaded.
MINNOW_API void manual_seed(std::uint64_t seed);

/// The seed that manual_seed set last; 0 before.
MINNOW_API std::uint64_t current_seed();

/// The seed of the next random tensor: a new one at each call, the same sequence after each manual_seed.
MINNOW_API std::uint64_t next_seed();

/// Fills `values` with uniform numbers in [low, high). The same seed gives the same numbers, on every machine.
MINNOW_API void fill_uniform(std::span<float> values, float low, float high, std::uint64_t seed);

/// Fills `values` with normal numbers. The same seed gives the same numbers, up to the last bit of log, sin and cos.
MINNOW_API void fill_normal(std::span<float> values, float mean, float deviation, std::uint64_t seed);

}  // namespace minnow
