#include <cmath>

#include <minnow/nn/init.h>

namespace minnow::nn {

Init fan_in_uniform(std::int64_t fan_in) {
  const float bound = fan_in > 0 ? 1.0f / std::sqrt(static_cast<float>(fan_in)) : 0.0f;
  return Init::uniform(-bound, bound);
}

}  // namespace minnow::nn
