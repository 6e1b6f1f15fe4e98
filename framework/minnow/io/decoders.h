#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include <minnow/io/image.h>

namespace minnow::detail {

/// A picture as the file holds it, with its EXIF orientation, 1 to 8.
struct Picture {
  Image image;
  int orientation = 1;
};

Picture decode_jpeg(std::span<const std::byte> file, std::int64_t max_pixels);
Picture decode_png(std::span<const std::byte> file, std::int64_t max_pixels);

/// Uninitialised memory for the pixels. Throws where they are more than `max_pixels`.
std::shared_ptr<std::uint8_t[]> allocate_pixels(std::int64_t width, std::int64_t height, std::int64_t max_pixels);

/// The orientation, 1 to 8, in an EXIF block that begins with its TIFF header; 1 where there is none.
int exif_orientation(std::span<const std::byte> exif);

/// The picture turned and mirrored so that `orientation` becomes 1.
Image upright(const Image& image, int orientation);

}  // namespace minnow::detail
