#include <minnow/core/error.h>
#include <minnow/io/decoders.h>

#ifdef MINNOW_HAS_PNG

#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstdio>
#include <cstring>

#include <png.h>

namespace minnow::detail {
namespace {

/// deflate never packs more bytes into one.
constexpr std::size_t kMaxDeflateRatio = 1032;
/// As for 8 bits of RGBA. Pixels of 16 bits take longer, and so count for more than one.
constexpr std::size_t kBytesPerPixel = 4;

/// libpng's state. Its errors jump back to the setjmp in read_png_header or read_png_rows, whose own variables are
/// trivial; everything that needs a destructor lives outside of them.
struct PngDecoder {
  explicit PngDecoder(Source& bytes) : file(bytes) {}
  ~PngDecoder() { png_destroy_read_struct(&png, &info, nullptr); }
  PngDecoder(const PngDecoder&) = delete;
  PngDecoder& operator=(const PngDecoder&) = delete;

  Source& file;
  std::string_view window;  // what was taken from the file, but not read yet
  png_structp png = nullptr;
  png_infop info = nullptr;
  std::jmp_buf jump{};
  std::array<char, 200> message{};

  [[noreturn]] void give_up(std::uint64_t size) const {
    fail("PNG: ", message.data(), ", at byte ", file.offset() - window.size(), " of ", size);
  }
};

[[noreturn]] void on_error(png_structp png, png_const_charp message) {
  auto& decoder = *static_cast<PngDecoder*>(png_get_error_ptr(png));
  std::snprintf(decoder.message.data(), decoder.message.size(), "%s", message);
  std::longjmp(decoder.jump, 1);
}

// Damage that does not touch the pixels is tolerated silently.
void on_warning(png_structp, png_const_charp) {}

void read(png_structp png, png_bytep to, std::size_t count) {
  auto& decoder = *static_cast<PngDecoder*>(png_get_io_ptr(png));
  while (count > 0) {
    if (decoder.window.empty()) decoder.window = next_bytes(decoder.file, decoder.message);
    if (decoder.window.empty()) std::longjmp(decoder.jump, 1);
    const std::size_t part = std::min(count, decoder.window.size());
    std::memcpy(to, decoder.window.data(), part);
    decoder.window.remove_prefix(part);
    to += part;
    count -= part;
  }
}

bool read_png_header(PngDecoder& decoder) {
  if (setjmp(decoder.jump)) return false;
  decoder.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &decoder, on_error, on_warning);
  if (!decoder.png) {
    std::snprintf(decoder.message.data(), decoder.message.size(), "libpng does not fit or lacks memory");
    return false;
  }
  decoder.info = png_create_info_struct(decoder.png);
  png_set_read_fn(decoder.png, &decoder, read);
  // Texts, colour profiles and the like can be bombs of their own and change no pixel.
  png_set_keep_unknown_chunks(decoder.png, PNG_HANDLE_CHUNK_NEVER, nullptr, -1);
  png_set_keep_unknown_chunks(decoder.png, PNG_HANDLE_CHUNK_AS_DEFAULT, reinterpret_cast<png_const_bytep>("eXIf"), 1);
  png_read_info(decoder.png, decoder.info);
  return true;
}

/// Colours that a palette lacks are grey, as for Pillow.
void complete_palette(png_structp png, png_infop info) {
  png_colorp palette = nullptr;
  int count = 0;
  if (!png_get_PLTE(png, info, &palette, &count) || png_get_color_type(png, info) != PNG_COLOR_TYPE_PALETTE) return;
  png_color complete[PNG_MAX_PALETTE_LENGTH];
  const int size = 1 << png_get_bit_depth(png, info);
  for (int i = 0; i < size; ++i) {
    const auto grey = static_cast<png_byte>(i);
    complete[i] = i < count ? palette[i] : png_color{grey, grey, grey};
  }
  png_set_PLTE(png, info, complete, size);
}

/// Everything becomes 8-bit RGB: palettes are looked up, few grey levels spread, low bytes and alpha dropped.
bool read_png_rows(PngDecoder& decoder, std::uint8_t* pixels, png_uint_32 height, std::size_t row_bytes) {
  if (setjmp(decoder.jump)) return false;
  png_structp png = decoder.png;
  complete_palette(png, decoder.info);
  png_set_palette_to_rgb(png);
  png_set_expand_gray_1_2_4_to_8(png);
  png_set_gray_to_rgb(png);
  png_set_strip_16(png);
  png_set_strip_alpha(png);
  const int passes = png_set_interlace_handling(png);
  png_read_update_info(png, decoder.info);
  if (png_get_rowbytes(png, decoder.info) != row_bytes) png_error(png, "an unknown kind of pixels");
  for (int pass = 0; pass < passes; ++pass) {
    for (png_uint_32 y = 0; y < height; ++y) png_read_row(png, pixels + y * row_bytes, nullptr);
  }
  png_read_end(png, decoder.info);
  return true;
}

int orientation_of(PngDecoder& decoder) {
#ifdef PNG_eXIf_SUPPORTED
  png_uint_32 size = 0;
  png_bytep exif = nullptr;
  if (png_get_eXIf_1(decoder.png, decoder.info, &size, &exif)) {
    return exif_orientation(std::as_bytes(std::span(exif, size)));
  }
#endif
  return 1;
}

}  // namespace

Picture decode_png(Source& file, std::uint64_t size, std::int64_t max_pixels) {
  PngDecoder decoder(file);
  if (!read_png_header(decoder)) decoder.give_up(size);
  const png_uint_32 width = png_get_image_width(decoder.png, decoder.info);
  const png_uint_32 height = png_get_image_height(decoder.png, decoder.info);
  auto pixels = allocate_pixels(width, height, max_pixels);
  const std::size_t row_bytes = png_get_rowbytes(decoder.png, decoder.info);
  if (row_bytes / kBytesPerPixel > static_cast<std::size_t>(max_pixels) / height) {
    fail("PNG: too large: ", width, " x ", height, " pixels of 16 bits a channel, where ", kBytesPerPixel,
         " bytes count as one of at most ", max_pixels);
  }
  if (row_bytes > kMaxDeflateRatio * size / height) {
    fail("PNG: ", width, " x ", height, " pixels cannot be in ", size, " bytes");
  }
  if (!read_png_rows(decoder, pixels.get(), height, std::size_t{3} * width)) decoder.give_up(size);
  return {Image(width, height, std::move(pixels)), orientation_of(decoder)};
}

}  // namespace minnow::detail

#else

namespace minnow::detail {

Picture decode_png(Source&, std::uint64_t, std::int64_t) { fail("a PNG picture, but minnow was built without libpng"); }

}  // namespace minnow::detail

#endif
