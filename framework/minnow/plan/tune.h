#pragma once

#include <vector>

#include <minnow/plan/conv_algorithms.h>

namespace minnow {

struct Timing {
  const kernels::ConvKernel* kernel;
  double seconds;
};

/// How long the kernels take on this machine now, fastest first: each runs a few times on one thread, on data of its
/// own, and the best run counts.
std::vector<Timing> measure(const std::vector<ConvChoice>& choices, const kernels::ConvShape& shape);

}  // namespace minnow
