#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <utility>

#include <minnow/core/export.h>

namespace minnow {

/// How the bytes of a pixel lie in memory, one byte per channel.
enum class PixelFormat { rgb, bgr, rgba, bgra, gray };

/// A picture: 8-bit RGB, row after row, without gaps. The pixels never change, so copies share them and cost nothing.
class MINNOW_API Image {
 public:
  /// No picture: 0 x 0 pixels.
  Image() = default;

  /// A picture that holds `pixels`, 3 * width * height bytes.
  Image(std::int64_t width, std::int64_t height, std::shared_ptr<const std::uint8_t[]> pixels)
      : width_(width), height_(height), pixels_(std::move(pixels)) {}

  // Only copies: what was moved from stays a picture.
  Image(const Image&) = default;
  Image& operator=(const Image&) = default;

  /// Copies pixels from memory. `stride` is the distance in bytes from one row to the next: 0 stands for rows without
  /// gaps, a negative one for rows that go upwards from `data`. Alpha is dropped, grey becomes three equal channels.
  /// Throws where there is no pixel or rows would overlap.
  static Image from_pixels(const std::uint8_t* data, std::int64_t width, std::int64_t height,
                           PixelFormat format = PixelFormat::rgb, std::ptrdiff_t stride = 0);

  std::int64_t width() const { return width_; }
  std::int64_t height() const { return height_; }

  /// All bytes: red, green, blue of the pixel (x, y) begin at 3 * (y * width() + x).
  std::span<const std::uint8_t> pixels() const {
    return {pixels_.get(), 3 * static_cast<std::size_t>(width_) * static_cast<std::size_t>(height_)};
  }

 private:
  std::int64_t width_ = 0;
  std::int64_t height_ = 0;
  std::shared_ptr<const std::uint8_t[]> pixels_;
};

struct ImageOptions {
  /// Turn and mirror the picture as its EXIF orientation asks. Off, as in PIL and so in torchvision.
  bool exif_orientation = false;
  /// A picture with more pixels is refused before its memory is allocated. By default 8192 x 8192, 192 MiB.
  /// PNG's pixels of 16 bits a channel count by their bytes, four as one.
  std::int64_t max_pixels = std::int64_t{1} << 26;
};

/// Reads a JPEG or PNG file. The pixels are those of PIL's `Image.open(path).convert("RGB")`, but for 16-bit grey,
/// which is reduced to its high byte. Throws Error, naming the file and the place, where the file is missing, a folder,
/// not a picture, damaged, cut short or too large, and where the library was built without libjpeg or libpng.
MINNOW_API Image read_image(const std::filesystem::path& path, const ImageOptions& options = {});

/// The same for the bytes of a file in memory.
MINNOW_API Image decode_image(std::span<const std::byte> bytes, const ImageOptions& options = {});

}  // namespace minnow
