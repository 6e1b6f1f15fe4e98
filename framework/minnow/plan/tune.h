#pragma once

#include <vector>

#include <minnow/plan/conv_algorithms.h>

namespace minnow {

/// The kernel among `choices`, of which there must be one, that is fastest on this machine now: each runs a few times
/// on one thread, on data of its own.
const kernels::ConvKernel* fastest(const std::vector<ConvChoice>& choices, const kernels::ConvShape& shape);

}  // namespace minnow
