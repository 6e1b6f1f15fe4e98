#pragma once

#include <cstdint>

namespace minnow::kernels {

/// Float activations [images, channels, pixels] from NCHW to NCHW[c] or back, c the width of the instruction set. A
/// unit is one block of channels of one image: images * ceil(channels / c) units. Lanes beyond the last channel become
/// zero.
struct ReorderArgs {
  const float* x;
  float* y;
  std::int64_t images, channels, pixels;
};

}  // namespace minnow::kernels
