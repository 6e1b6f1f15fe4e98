#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include <minnow/io/image.h>
#include <minnow/io/source.h>

namespace minnow::detail {

/// A picture as the file holds it, with its EXIF orientation, 1 to 8.
struct Picture {
  Image image;
  int orientation = 1;
};

/// Decode a file of `size` bytes.
Picture decode_jpeg(Source& file, std::uint64_t size, std::int64_t max_pixels);
Picture decode_png(Source& file, std::uint64_t size, std::int64_t max_pixels);

/// The next bytes of a picture. Where there are none, says why in `message`: exceptions must not pass through C.
std::string_view next_bytes(Source& file, std::span<char> message) noexcept;

/// Uninitialised memory for the pixels. Throws where they are more than `max_pixels`.
std::shared_ptr<std::uint8_t[]> allocate_pixels(std::int64_t width, std::int64_t height, std::int64_t max_pixels);

/// The orientation, 1 to 8, in an EXIF block that begins with its TIFF header; 1 where there is none.
int exif_orientation(std::span<const std::byte> exif);

/// The picture turned and mirrored so that `orientation` becomes 1.
Image upright(const Image& image, int orientation);

}  // namespace minnow::detail
