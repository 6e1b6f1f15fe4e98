#include <gmock/gmock.h>
#include <io/damage.h>

namespace minnow {
namespace {

using test::error_of;
using testing::HasSubstr;

void put32(std::vector<std::byte>& bytes, std::size_t at, std::uint32_t value) {
  for (std::size_t i = 0; i < 4; ++i) bytes[at + i] = static_cast<std::byte>(value >> (24 - 8 * i));
}

/// Of a chunk's name and data, PNG specification, annex D.
std::uint32_t checksum(std::span<const std::byte> bytes) {
  std::uint32_t sum = 0xffffffff;
  for (const std::byte byte : bytes) {
    sum ^= std::to_integer<std::uint32_t>(byte);
    for (int bit = 0; bit < 8; ++bit) sum = sum & 1 ? sum >> 1 ^ 0xedb88320 : sum >> 1;
  }
  return ~sum;
}

/// Writes the size into the header chunk: signature 8, length 4, "IHDR", width 4, height 4, 5 more bytes, checksum.
std::vector<std::byte> png_with_size(std::vector<std::byte> bytes, std::uint32_t height, std::uint32_t width) {
  put32(bytes, 16, width);
  put32(bytes, 20, height);
  put32(bytes, 29, checksum(std::span(bytes).subspan(12, 17)));
  return bytes;
}

TEST(Png, CutShortAnywhereIsAnError) {
  for (const char* name : {"rgb8.png", "palette4_interlaced.png", "grey16.png", "oriented6_png.png"}) {
    test::expect_every_truncation_fails(test::golden_picture(name));
  }
}

TEST(Png, CutShortNamesThePlace) {
  auto bytes = test::golden_picture("rgb8.png");
  bytes.resize(100);
  EXPECT_THAT(error_of([&] { decode_image(bytes); }), HasSubstr("PNG: the file is cut short, at byte 100 of 100"));
}

TEST(Png, DamagedDecodesOrIsAnError) {
  for (const char* name : {"rgb8.png", "palette_transparent.png", "rgba16_interlaced.png", "oriented6_png.png"}) {
    test::expect_damage_is_survived(test::golden_picture(name));
  }
}

TEST(Png, DamagedPixelsAreAnError) {
  auto bytes = test::golden_picture("rgb8.png");
  bytes[bytes.size() - 13] ^= std::byte{1};
  EXPECT_THAT(error_of([&] { decode_image(bytes); }), HasSubstr("CRC"));
}

TEST(Png, OfAnAbsurdSizeIsRefused) {
  EXPECT_THAT(error_of([] { decode_image(png_with_size(test::golden_picture("rgb8.png"), 65535, 65535)); }),
              HasSubstr("65535 x 65535 pixels"));
  EXPECT_THROW(decode_image(png_with_size(test::golden_picture("rgb8.png"), 0x7fffffff, 0x7fffffff)), Error);
  EXPECT_THROW(decode_image(png_with_size(test::golden_picture("rgb8.png"), 0, 5)), Error);
}

TEST(Png, WithMorePixelsThanItsBytesCanHoldIsRefused) {
  EXPECT_THAT(error_of([] { decode_image(png_with_size(test::golden_picture("rgb8.png"), 5000, 5000)); }),
              HasSubstr("cannot be in"));
}

}  // namespace
}  // namespace minnow
