#include <minnow/nn/repr.h>
#include <minnow/nn/upsample.h>

namespace minnow::nn {

Upsample::Upsample(UpsampleOptions opts)
    : options{.size = opts.size,
              .scale_factor = opts.scale_factor.given,
              .mode = opts.mode,
              .align_corners = opts.align_corners} {
  if (options.size.has_value() == options.scale_factor.has_value()) {
    fail("Upsample: give either size or scale_factor");
  }
}

std::string Upsample::extra_repr() const {
  const char* mode = options.mode == InterpolateMode::nearest ? "nearest" : "bilinear";
  if (options.size) return str("size=", repr(*options.size), ", mode=", mode);
  const auto [h, w] = *options.scale_factor;
  const std::string scale = h == w ? repr(h) : '(' + repr(h) + ", " + repr(w) + ')';
  return str("scale_factor=", scale, ", mode=", mode);
}

}  // namespace minnow::nn
