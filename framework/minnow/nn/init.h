#pragma once

#include <cstdint>

#include <minnow/core/export.h>
#include <minnow/nn/parameter.h>

namespace minnow::nn {

/// Uniform in +-1 / sqrt(fan_in): what torch draws for the weights and biases of Linear and Conv2d (Kaiming's uniform
/// distribution with a = sqrt(5)). `fan_in` is the number of inputs that an output sums over.
MINNOW_API Init fan_in_uniform(std::int64_t fan_in);

}  // namespace minnow::nn
