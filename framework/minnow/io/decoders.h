#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include <minnow/io/image.h>

namespace minnow::detail {

/// The bytes of a picture file, what messages call it, and how many pixels it may have.
struct PictureFile {
  std::span<const std::byte> bytes;
  std::string name;
  std::int64_t max_pixels;
};

/// A picture as the file holds it, with its EXIF orientation, 1 to 8.
struct Picture {
  Image image;
  int orientation = 1;
};

Picture decode_jpeg(const PictureFile& file);
Picture decode_png(const PictureFile& file);

/// Uninitialised memory for the pixels. Throws where there are too many for `file`.
std::shared_ptr<std::uint8_t[]> allocate_pixels(const PictureFile& file, std::int64_t width, std::int64_t height);

/// The orientation, 1 to 8, in an EXIF block that begins with its TIFF header; 1 where there is none.
int exif_orientation(std::span<const std::byte> exif);

/// The picture turned and mirrored so that `orientation` becomes 1.
Image upright(const Image& image, int orientation);

}  // namespace minnow::detail
