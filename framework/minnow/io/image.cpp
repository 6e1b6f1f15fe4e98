#include <minnow/io/image.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <limits>
#include <string_view>
#include <system_error>
#include <vector>

#include <minnow/core/error.h>
#include <minnow/io/decoders.h>

namespace minnow {
namespace {

constexpr std::string_view jpeg_signature = "\xff\xd8\xff";
constexpr std::string_view png_signature = "\x89PNG\r\n\x1a\n";
constexpr std::int64_t max_file_size = std::int64_t{256} << 20;
constexpr std::size_t read_step = std::size_t{1} << 20;

bool starts_with(std::span<const std::byte> bytes, std::string_view signature) {
  return bytes.size() >= signature.size() &&
         std::equal(signature.begin(), signature.end(), bytes.begin(),
                    [](char expected, std::byte byte) { return static_cast<std::byte>(expected) == byte; });
}

/// Throws unless `bytes`, the beginning of a file, are those of a JPEG or PNG file.
void check_signature(std::span<const std::byte> bytes, const std::string& name) {
  if (bytes.empty()) fail(name, ": the file is empty");
  if (!starts_with(bytes, jpeg_signature) && !starts_with(bytes, png_signature)) {
    fail(name, ": neither a JPEG nor a PNG picture, by its first bytes");
  }
}

Image decode(const detail::PictureFile& file, const ImageOptions& options) {
  check_signature(file.bytes, file.name);
  const auto picture = starts_with(file.bytes, jpeg_signature) ? detail::decode_jpeg(file) : detail::decode_png(file);
  return options.exif_orientation ? detail::upright(picture.image, picture.orientation) : picture.image;
}

std::vector<std::byte> read_picture_file(const std::filesystem::path& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) {
    fail(path.string(), ": cannot be read: ", error.message());
  }
  if (std::filesystem::is_directory(status)) fail(path.string(), ": a folder, not a picture");
  std::ifstream stream(path, std::ios::binary);
  if (!stream) fail(path.string(), ": cannot be opened");

  std::vector<std::byte> bytes;
  const auto size_on_disk = static_cast<std::int64_t>(std::filesystem::file_size(path, error));
  if (!error) bytes.reserve(static_cast<std::size_t>(std::min(size_on_disk, max_file_size)) + read_step);
  // The first step is short: what is no picture is not read.
  for (std::size_t step = 16; stream; step = read_step) {
    const std::size_t size = bytes.size();
    if (static_cast<std::int64_t>(size) > max_file_size) fail(path.string(), ": larger than 256 MiB");
    bytes.resize(size + step);
    stream.read(reinterpret_cast<char*>(bytes.data() + size), static_cast<std::streamsize>(step));
    bytes.resize(size + static_cast<std::size_t>(stream.gcount()));
    if (size == 0) check_signature(bytes, path.string());
  }
  if (stream.bad()) fail(path.string(), ": reading failed at byte ", bytes.size());
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

  auto pixels = std::make_shared_for_overwrite<std::uint8_t[]>(static_cast<std::size_t>(3 * width * height));
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

Image read_image(const std::filesystem::path& path, const ImageOptions& options) {
  const auto bytes = read_picture_file(path);
  return decode({bytes, path.string(), options.max_pixels}, options);
}

Image decode_image(std::span<const std::byte> bytes, const ImageOptions& options) {
  return decode({bytes, "decode_image", options.max_pixels}, options);
}

std::shared_ptr<std::uint8_t[]> detail::allocate_pixels(const PictureFile& file, std::int64_t width,
                                                        std::int64_t height) {
  if (width > file.max_pixels / height) {
    fail(file.name, ": too large: ", width, " x ", height, " pixels, more than the limit of ", file.max_pixels);
  }
  return std::make_shared_for_overwrite<std::uint8_t[]>(static_cast<std::size_t>(3 * width * height));
}

}  // namespace minnow
