#include <minnow/core/error.h>
#include <minnow/io/decoders.h>

#ifdef MINNOW_HAS_JPEG

#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstdio>
#include <cstring>

#include <jpeglib.h>
// jerror.h needs the declarations above.
#include <jerror.h>

namespace minnow::detail {
namespace {

/// What libjpeg may need beside the pixels: progressive files keep all their coefficients.
constexpr long kMaxMemory = 250L << 20;
/// Encoders write about ten scans; files with thousands, or with a hundred of many pixels, are made to waste time.
constexpr std::int64_t kMaxScans = 100, kAlwaysPlausibleScans = 20;
constexpr std::int64_t kMaxScannedPixels = kAlwaysPlausibleScans << 26;
/// One bit for a whole block, as progressive scans may spend, gives 512 pixels per byte.
constexpr std::int64_t kMaxPixelsPerByte = 1024;
constexpr std::int64_t kAlwaysPlausiblePixels = std::int64_t{16} << 20;

/// libjpeg's state. Its errors jump back to the setjmp in read_jpeg_header or read_jpeg_rows, whose own variables are
/// trivial; everything that needs a destructor lives outside of them.
struct JpegDecoder {
  explicit JpegDecoder(Source& bytes) : file(bytes) {}
  ~JpegDecoder() { jpeg_destroy_decompress(&info); }
  JpegDecoder(const JpegDecoder&) = delete;
  JpegDecoder& operator=(const JpegDecoder&) = delete;

  Source& file;
  jpeg_decompress_struct info{};
  jpeg_error_mgr errors{};
  jpeg_source_mgr source{};
  jpeg_progress_mgr progress{};
  std::jmp_buf jump{};
  std::array<char, JMSG_LENGTH_MAX> message{};

  [[noreturn]] void give_up(std::uint64_t size) const {
    fail("JPEG: ", message.data(), ", at byte ", file.offset() - source.bytes_in_buffer, " of ", size, ", after ",
         info.output_scanline, " rows");
  }
};

template <class Info>
JpegDecoder& decoder_of(Info* info) {
  return *static_cast<JpegDecoder*>(info->client_data);
}

[[noreturn]] void stop(JpegDecoder& decoder, const char* message) {
  std::snprintf(decoder.message.data(), decoder.message.size(), "%s", message);
  std::longjmp(decoder.jump, 1);
}

void on_error(j_common_ptr info) {
  JpegDecoder& decoder = decoder_of(info);
  if (info->err->msg_code == JERR_NO_BACKING_STORE || info->err->msg_code == JERR_OUT_OF_MEMORY) {
    stop(decoder, "decoding it needs more than 256 MiB beside the pixels");
  }
  info->err->format_message(info, decoder.message.data());
  std::longjmp(decoder.jump, 1);
}

// Damage that libjpeg can live with is tolerated silently, as by Pillow.
void on_message(j_common_ptr, int) {}
void print_nothing(j_common_ptr) {}

void on_progress(j_common_ptr info) {
  const auto* decompress = reinterpret_cast<j_decompress_ptr>(info);
  const std::int64_t pixels = std::int64_t{decompress->image_width} * decompress->image_height;
  const std::int64_t most = std::clamp(kMaxScannedPixels / pixels, kAlwaysPlausibleScans, kMaxScans);
  if (decompress->input_scan_number > most) stop(decoder_of(info), "more scans than any encoder writes");
}

void nothing(j_decompress_ptr) {}

boolean read_more(j_decompress_ptr info) {
  JpegDecoder& decoder = decoder_of(info);
  const std::string_view bytes = next_bytes(decoder.file, decoder.message);
  info->src->next_input_byte = reinterpret_cast<const JOCTET*>(bytes.data());
  info->src->bytes_in_buffer = bytes.size();
  if (bytes.empty()) std::longjmp(decoder.jump, 1);
  return TRUE;
}

void skip(j_decompress_ptr info, long count) {
  for (; count > static_cast<long>(info->src->bytes_in_buffer); read_more(info)) {
    count -= static_cast<long>(info->src->bytes_in_buffer);
  }
  if (count <= 0) return;
  info->src->next_input_byte += count;
  info->src->bytes_in_buffer -= static_cast<std::size_t>(count);
}

void set_callbacks(JpegDecoder& decoder) {
  decoder.info.err = jpeg_std_error(&decoder.errors);
  decoder.info.client_data = &decoder;
  decoder.errors.error_exit = on_error;
  decoder.errors.emit_message = on_message;
  decoder.errors.output_message = print_nothing;
  decoder.source.init_source = nothing;
  decoder.source.fill_input_buffer = read_more;
  decoder.source.skip_input_data = skip;
  decoder.source.resync_to_restart = jpeg_resync_to_restart;
  decoder.source.term_source = nothing;
  decoder.progress.progress_monitor = on_progress;
}

bool read_jpeg_header(JpegDecoder& decoder) {
  if (setjmp(decoder.jump)) return false;
  jpeg_decompress_struct& info = decoder.info;
  jpeg_create_decompress(&info);
  info.src = &decoder.source;
  info.progress = &decoder.progress;
  info.mem->max_memory_to_use = kMaxMemory;
  jpeg_save_markers(&info, JPEG_APP0 + 1, 0xffff);
  jpeg_read_header(&info, TRUE);
  info.out_color_space = info.num_components == 4 ? JCS_CMYK : JCS_RGB;
  return true;
}

std::uint8_t saturate(int value) { return static_cast<std::uint8_t>(std::clamp(value, 0, 255)); }

/// Inks are stored inverted (Adobe's convention, which Pillow always assumes): the bytes say how much light passes.
void cmyk_to_rgb(const std::uint8_t* from, std::uint8_t* to, JDIMENSION width) {
  for (JDIMENSION x = 0; x < width; ++x, from += 4, to += 3) {
    const int light = from[3];
    for (int c = 0; c < 3; ++c) {
      const int product = (255 - from[c]) * light + 128;
      to[c] = saturate(light - ((product + (product >> 8)) >> 8));
    }
  }
}

bool read_jpeg_rows(JpegDecoder& decoder, std::uint8_t* pixels) {
  if (setjmp(decoder.jump)) return false;
  jpeg_decompress_struct& info = decoder.info;
  jpeg_start_decompress(&info);
  const std::size_t row_bytes = std::size_t{3} * info.output_width;
  if (info.out_color_space == JCS_CMYK) {
    JSAMPARRAY row =
        info.mem->alloc_sarray(reinterpret_cast<j_common_ptr>(&info), JPOOL_IMAGE, 4 * info.output_width, 1);
    while (info.output_scanline < info.output_height) {
      std::uint8_t* to = pixels + info.output_scanline * row_bytes;
      jpeg_read_scanlines(&info, row, 1);
      cmyk_to_rgb(row[0], to, info.output_width);
    }
  } else {
    while (info.output_scanline < info.output_height) {
      JSAMPROW rows[8];
      const JDIMENSION count = std::min<JDIMENSION>(8, info.output_height - info.output_scanline);
      for (JDIMENSION i = 0; i < count; ++i) rows[i] = pixels + (info.output_scanline + i) * row_bytes;
      jpeg_read_scanlines(&info, rows, count);
    }
  }
  jpeg_finish_decompress(&info);
  return true;
}

int orientation_of(const jpeg_decompress_struct& info) {
  constexpr char prefix[] = "Exif\0";  // and the zero that ends the literal
  for (jpeg_saved_marker_ptr marker = info.marker_list; marker; marker = marker->next) {
    if (marker->data_length < sizeof prefix || std::memcmp(marker->data, prefix, sizeof prefix) != 0) continue;
    return exif_orientation(std::as_bytes(std::span(marker->data, marker->data_length)).subspan(sizeof prefix));
  }
  return 1;
}

}  // namespace

Picture decode_jpeg(Source& file, std::uint64_t size, std::int64_t max_pixels) {
  JpegDecoder decoder(file);
  set_callbacks(decoder);
  if (!read_jpeg_header(decoder)) decoder.give_up(size);
  const std::int64_t width = decoder.info.image_width, height = decoder.info.image_height;
  const std::int64_t plausible = kMaxPixelsPerByte * static_cast<std::int64_t>(size);
  auto pixels = allocate_pixels(width, height, max_pixels);
  if (width * height > std::max(plausible, kAlwaysPlausiblePixels)) {
    fail("JPEG: ", width, " x ", height, " pixels cannot be in ", size, " bytes");
  }
  const int orientation = orientation_of(decoder.info);
  if (!read_jpeg_rows(decoder, pixels.get())) decoder.give_up(size);
  return {Image(width, height, std::move(pixels)), orientation};
}

}  // namespace minnow::detail

#else

namespace minnow::detail {

Picture decode_jpeg(Source&, std::uint64_t, std::int64_t) {
  fail("a JPEG picture, but minnow was built without libjpeg");
}

}  // namespace minnow::detail

#endif
