#pragma once

#include <cstdint>
#include <span>

namespace minnow {

/// Seeds everything random that follows: rand, randn, dropout, and parameters that nobody loaded.
void manual_seed(std::uint64_t seed);

/// The seed that manual_seed set last; 0 before.
std::uint64_t current_seed();

/// The seed of the next random tensor: a new one at each call, the same sequence after each manual_seed.
std::uint64_t next_seed();

/// Fills `values` with uniform numbers in [low, high). The same seed gives the same numbers, on every machine.
void fill_uniform(std::span<float> values, float low, float high, std::uint64_t seed);

/// Fills `values` with normal numbers. The same seed gives the same numbers, up to the last bit of log, sin and cos.
void fill_normal(std::span<float> values, float mean, float deviation, std::uint64_t seed);

}  // namespace minnow
