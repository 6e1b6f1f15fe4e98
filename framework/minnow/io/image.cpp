#include <minnow/io/image.h>

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <string_view>
#include <vector>

#include <minnow/core/error.h>
#include <minnow/io/decoders.h>
#include <minnow/io/file.h>

namespace minnow {
namespace {

constexpr std::string_view kJpegSignature = "\xff\xd8\xff";
constexpr std::string_view kPngSignature = "\x89PNG\r\n\x1a\n";
constexpr std::uint64_t kMaxFileSize = std::uint64_t{256} << 20;

bool starts_with(std::span<const std::byte> bytes, std::string_view signature) {
  return bytes.size() >= signature.size() &&
         std::equal(signature.begin(), signature.end(), bytes.begin(),
                    [](char expected, std::byte byte) { return static_cast<std::byte>(expected) == byte; });
}

/// Throws unless `bytes`, the beginning of a file, are those of a JPEG or PNG file.
void check_signature(std::span<const std::byte> bytes) {
  if (bytes.empty()) fail("the file is empty");
  if (!starts_with(bytes, kJpegSignature) && !starts_with(bytes, kPngSignature)) {
    fail("neither a JPEG nor a PNG picture, by its first bytes");
  }
}

std::vector<std::byte> read_file(const std::filesystem::path& path) {
  InputFile file(path);
  if (file.size() > kMaxFileSize) fail("larger than 256 MiB");
  const std::size_t size = static_cast<std::size_t>(file.size());
  std::vector<std::byte> bytes(std::min(size, kPngSignature.size()));
  const auto read_from = [&](std::size_t start) {
    const auto rest = std::span(bytes).subspan(start);
    return file.read({reinterpret_cast<char*>(rest.data()), rest.size()});
  };
  const std::size_t start = read_from(0);
  check_signature(std::span(bytes).first(start));  // what is no picture is not read
  bytes.resize(size);
  bytes.resize(start + read_from(start));
  return bytes;
}

}  // namespace

Image Image::from_pixels(const std::uint8_t* data, std::int64_t width, std::int64_t height, PixelFormat format,
                         std::ptrdiff_t stride) {
  if (width < 1 || height < 1 || width > std::numeric_limits<std::int32_t>::max() ||
      height > std::numeric_limits<std::int32_t>::max()) {
    fail("Image::from_pixels: ", width, " x ", height, " pixels, expected 1 to 2^31 - 1 each way");
  }
  if (!data) fail("Image::from_pixels: the pointer to the pixels is null");
  const bool alpha = format == PixelFormat::rgba || format == PixelFormat::bgra;
  const bool blue_first = format == PixelFormat::bgr || format == PixelFormat::bgra;
  const std::ptrdiff_t step = format == PixelFormat::gray ? 1 : alpha ? 4 : 3;
  const std::ptrdiff_t row_bytes = step * width;
  if (stride == 0) stride = row_bytes;
  if (std::abs(stride) < row_bytes) {
    fail("Image::from_pixels: a stride of ", stride, " bytes, but a row has ", row_bytes);
  }
  const std::ptrdiff_t red = blue_first ? 2 : 0;
  const std::ptrdiff_t green = format == PixelFormat::gray ? 0 : 1;
  const std::ptrdiff_t blue = format == PixelFormat::gray || blue_first ? 0 : 2;

  auto pixels = std::make_shared_for_overwrite<std::uint8_t[]>(std::size_t{3} * static_cast<std::size_t>(width) *
                                                               static_cast<std::size_t>(height));
  std::uint8_t* to = pixels.get();
  for (std::int64_t y = 0; y < height; ++y) {
    const std::uint8_t* from = data + y * stride;
    for (std::int64_t x = 0; x < width; ++x, from += step, to += 3) {
      to[0] = from[red];
      to[1] = from[green];
      to[2] = from[blue];
    }
  }
  return {width, height, std::move(pixels)};
}

Image read_image(const std::filesystem::path& path, const ImageOptions& options) try {
  return decode_image(read_file(path), options);
} catch (const Error& error) {
  fail(path.string(), ": ", error.what());
}

Image decode_image(std::span<const std::byte> bytes, const ImageOptions& options) {
  check_signature(bytes);
  const auto decode = starts_with(bytes, kJpegSignature) ? detail::decode_jpeg : detail::decode_png;
  const detail::Picture picture = decode(bytes, options.max_pixels);
  return options.exif_orientation ? detail::upright(picture.image, picture.orientation) : picture.image;
}

std::shared_ptr<std::uint8_t[]> detail::allocate_pixels(std::int64_t width, std::int64_t height,
                                                        std::int64_t max_pixels) {
  if (width > max_pixels / height) {
    fail("too large: ", width, " x ", height, " pixels, more than the limit of ", max_pixels);
  }
  return std::make_shared_for_overwrite<std::uint8_t[]>(static_cast<std::size_t>(3 * width * height));
}

}  // namespace minnow
