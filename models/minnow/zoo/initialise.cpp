#include <minnow/zoo/initialise.h>

#include <cmath>

#include <minnow/nn/conv2d.h>

namespace minnow::zoo {

void kaiming_normal(const nn::Module& model) {
  for (const nn::NamedModule& entry : model.named_modules()) {
    if (const auto* conv = dynamic_cast<const nn::Conv2d*>(entry.module)) {
      const Shape& shape = conv->weight.shape();  // [K, C / groups, H, W]
      const auto fan_out = static_cast<float>(shape[0] * shape[2] * shape[3]);
      conv->weight.set_init(nn::Init::normal(0.0f, std::sqrt(2.0f / fan_out)));
    }
  }
}

}  // namespace minnow::zoo
