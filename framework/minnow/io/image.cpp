#include <minnow/io/image.h>

#include <cstdio>
#include <cstdlib>
#include <limits>
#include <string_view>

#include <minnow/core/error.h>
#include <minnow/io/decoders.h>
#include <minnow/io/file.h>

namespace minnow {
namespace {

constexpr std::string_view kJpegSignature = "\xff\xd8\xff";
constexpr std::string_view kPngSignature = "\x89PNG\r\n\x1a\n";
constexpr std::uint64_t kMaxFileSize = std::uint64_t{256} << 20;

Image decode(Source& file, std::uint64_t size, const ImageOptions& options) {
  const std::string_view start = file.window();
  if (start.empty()) fail("the file is empty");
  const bool is_jpeg = start.starts_with(kJpegSignature);
  if (!is_jpeg && !start.starts_with(kPngSignature)) fail("neither a JPEG nor a PNG picture, by its first bytes");
  const detail::Picture picture = (is_jpeg ? detail::decode_jpeg : detail::decode_png)(file, size, options.max_pixels);
  return options.exif_orientation ? detail::upright(picture.image, picture.orientation) : picture.image;
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
  InputFile file(path);
  if (file.size() > kMaxFileSize) fail("larger than 256 MiB");
  Source source(file);
  return decode(source, file.size(), options);
} catch (const Error& error) {
  fail(shown_path(path), ": ", error.what());
}

Image decode_image(std::span<const std::byte> bytes, const ImageOptions& options) {
  Source source(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  return decode(source, bytes.size(), options);
}

std::string_view detail::next_bytes(Source& file, std::span<char> message) noexcept {
  try {
    file.settle();
    if (const std::string_view bytes = file.take_window(); !bytes.empty()) return bytes;
    std::snprintf(message.data(), message.size(), "the file is cut short");
  } catch (const std::exception& error) {
    std::snprintf(message.data(), message.size(), "%s", error.what());
  }
  return {};
}

std::shared_ptr<std::uint8_t[]> detail::allocate_pixels(std::int64_t width, std::int64_t height,
                                                        std::int64_t max_pixels) {
  if (width > max_pixels / height) {
    fail("too large: ", width, " x ", height, " pixels, more than the limit of ", max_pixels);
  }
  return std::make_shared_for_overwrite<std::uint8_t[]>(static_cast<std::size_t>(3 * width * height));
}

}  // namespace minnow
