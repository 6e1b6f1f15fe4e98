#include <cstdint>
#include <memory>
#include <utility>

#include <minnow/io/decoders.h>

namespace minnow::detail {
namespace {

/// Reads numbers of a TIFF block in its byte order; what lies outside reads as 0.
class Tiff {
 public:
  explicit Tiff(std::span<const std::byte> bytes) : bytes_(bytes), little_(byte(0) == 'I') {}

  bool valid() const { return (byte(0) == 'I' || byte(0) == 'M') && byte(0) == byte(1) && number(2, 2) == 42; }

  std::uint32_t number(std::size_t at, std::size_t size) const {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < size; ++i) value = value << 8 | byte(at + (little_ ? size - 1 - i : i));
    return value;
  }

 private:
  std::uint32_t byte(std::size_t at) const {
    return at < bytes_.size() ? std::to_integer<std::uint32_t>(bytes_[at]) : 0;
  }

  std::span<const std::byte> bytes_;
  bool little_;
};

}  // namespace

// TIFF 6.0, section 2: a directory is a count of 2 bytes and entries of 12: tag 2, type 2, count 4, value 4.
int exif_orientation(std::span<const std::byte> exif) {
  constexpr std::uint32_t orientation_tag = 0x0112, short_type = 3;
  const Tiff tiff(exif);
  if (!tiff.valid()) return 1;
  const std::size_t directory = tiff.number(4, 4);
  const std::size_t entries = tiff.number(directory, 2);
  for (std::size_t i = 0; i < entries; ++i) {
    const std::size_t entry = directory + 2 + 12 * i;
    if (tiff.number(entry, 2) != orientation_tag) continue;
    const std::uint32_t value = tiff.number(entry + 8, 2);
    return tiff.number(entry + 2, 2) == short_type && value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
  }
  return 1;
}

Image upright(const Image& image, int orientation) {
  if (orientation <= 1 || orientation > 8) return image;
  const bool swapped = orientation >= 5;
  const bool from_right = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const bool from_bottom = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  const std::int64_t width = image.width(), height = image.height();

  // Where the first pixel of the result lies in the source, and the steps for one pixel to the right and one down.
  const std::uint8_t* from =
      image.pixels().data() + 3 * ((from_bottom ? height - 1 : 0) * width + (from_right ? width - 1 : 0));
  std::int64_t right = from_right ? -3 : 3, down = from_bottom ? -3 * width : 3 * width;
  std::int64_t new_width = width, new_height = height;
  if (swapped) {
    std::swap(right, down);
    std::swap(new_width, new_height);
  }
  auto pixels = std::make_shared_for_overwrite<std::uint8_t[]>(image.pixels().size());
  std::uint8_t* to = pixels.get();
  for (std::int64_t y = 0; y < new_height; ++y) {
    for (std::int64_t x = 0; x < new_width; ++x, to += 3) {
      const std::uint8_t* pixel = from + y * down + x * right;
      to[0] = pixel[0];
      to[1] = pixel[1];
      to[2] = pixel[2];
    }
  }
  return {new_width, new_height, std::move(pixels)};
}

}  // namespace minnow::detail
