#include <minnow/nn/repr.h>
#include <minnow/nn/upsample.h>

namespace minnow::nn {

Upsample::Upsample(InterpolateOptions opts) : options(opts) {
  if (options.size.has_value() == options.scale_factor.given) fail("Upsample: give either size or scale_factor");
}

std::string Upsample::extra_repr() const {
  const std::string target =
      options.size ? "size=" + repr(*options.size) : "scale_factor=" + repr(options.scale_factor);
  return target + ", mode=" + (options.mode == InterpolateMode::nearest ? "nearest" : "bilinear");
}

}  // namespace minnow::nn
