#pragma once

#include <cstdint>
#include <string_view>

#include <minnow/core/export.h>
#include <minnow/io/image.h>

namespace minnow {

/// How a picture's new pixels are made from its old ones. Names and numbers as in PIL.
enum class Interpolation { nearest, bilinear, bicubic };

/// "nearest", "bilinear" or "bicubic".
MINNOW_API std::string_view name_of(Interpolation interpolation);
/// The opposite. Throws for any other name, listing the three.
MINNOW_API Interpolation interpolation_from_name(std::string_view name);

/// A rectangle of pixels.
struct Window {
  std::int64_t left = 0, top = 0, width = 0, height = 0;
};

/// The picture resized to `width` x `height` as `PIL.Image.resize` does it, to the bit: a triangle (bilinear) or cubic
/// filter, widened when the picture shrinks, in two 8-bit passes, across and then down. Throws where a size is below 1,
/// the picture is empty or the result would have more pixels than ImageOptions allows.
MINNOW_API Image resize(const Image& image, std::int64_t width, std::int64_t height,
                        Interpolation interpolation = Interpolation::bilinear);

/// The part `window` of that result; the rest is not computed.
MINNOW_API Image resize(const Image& image, std::int64_t width, std::int64_t height, Interpolation interpolation,
                        const Window& window);

}  // namespace minnow
