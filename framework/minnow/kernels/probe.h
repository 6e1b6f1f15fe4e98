#pragma once

#include <cstdint>

namespace minnow::kernels {

/// What one core can do at most, for benchmarks to compare with.
struct Probes {
  /// Does nothing but independent multiply-adds on registers, the more the more `rounds`; returns
  /// their number in floating-point operations (a multiply-add is two).
  std::int64_t (*multiply_add)(std::int64_t rounds);
  /// Reads n floats and does nothing with them but a sum, so that the reads must happen.
  float (*read)(const float* x, std::int64_t n);
};

}  // namespace minnow::kernels
