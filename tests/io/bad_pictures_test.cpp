#include <gmock/gmock.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

#include "io/measured.h"
#include "io/pictures.h"
#include "io/weights_support.h"

// Every kind of bad picture: one error that names the file and the place, soon and in little memory. What a limit on
// the pixels cannot hold off is made here as an attacker would: many pixels from few bytes, all for nothing.

namespace minnow {
namespace {

using test::Folder;
using testing::HasSubstr;
using testing::StartsWith;

std::string golden(const std::string& name) { return test::content(test::pictures_dir() / name); }

std::string big_endian(std::uint32_t value) {
  std::string text;
  for (int shift = 24; shift >= 0; shift -= 8) text += static_cast<char>(value >> shift);
  return text;
}

// PNG specification, annex D.
std::uint32_t checksum(const std::string& bytes) {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    table[i] = i;
    for (int bit = 0; bit < 8; ++bit) table[i] = table[i] & 1 ? table[i] >> 1 ^ 0xedb88320 : table[i] >> 1;
  }
  std::uint32_t sum = 0xffffffff;
  for (const char byte : bytes) sum = table[(sum ^ static_cast<unsigned char>(byte)) & 255] ^ sum >> 8;
  return ~sum;
}

std::string chunk(const std::string& name, const std::string& data) {
  return big_endian(static_cast<std::uint32_t>(data.size())) + name + data + big_endian(checksum(name + data));
}

std::string png_start(std::uint32_t width, std::uint32_t height, char depth, char colour, bool interlaced = false) {
  return "\x89PNG\r\n\x1a\n" + chunk("IHDR", big_endian(width) + big_endian(height) + depth + colour +
                                                 std::string{'\0', '\0', interlaced ? '\1' : '\0'});
}

// A deflate stream of at least `count` zeros: one, and copies of it by 258, of 13 bits each, without an end.
std::string zeros(std::size_t count) {
  std::string bytes = "\x78\x01";
  std::uint64_t bits = 0;
  int filled = 0;
  const auto put = [&](std::uint32_t value, int size) {
    bits |= std::uint64_t{value} << filled;
    for (filled += size; filled >= 8; filled -= 8, bits >>= 8) bytes += static_cast<char>(bits);
  };
  put(0b010, 3);       // one block of the fixed code, not the last
  put(0b00001100, 8);  // literal 0, whose code 00110000 begins with its highest bit
  for (std::size_t done = 1; done < count; done += 258) put(0b10100011, 13);  // length 258, distance 1
  put(0, 8);
  return bytes;
}

// All pixels but the last rows.
std::string png_bomb(std::uint32_t width, std::uint32_t height, char depth, char colour, std::size_t bytes_per_pixel,
                     bool interlaced) {
  const std::size_t size = (std::size_t{width} * bytes_per_pixel + 1) * (height - 8);
  return png_start(width, height, depth, colour, interlaced) + chunk("IDAT", zeros(size));
}

// A progressive picture with another size in its header, and the last scan many times more.
std::string jpeg_scans(const std::string& name, unsigned width, unsigned height, std::size_t scans, std::size_t size) {
  std::string bytes = golden(name);
  const std::size_t frame = bytes.find("\xff\xc2");
  bytes[frame + 5] = static_cast<char>(height >> 8), bytes[frame + 6] = static_cast<char>(height);
  bytes[frame + 7] = static_cast<char>(width >> 8), bytes[frame + 8] = static_cast<char>(width);
  const std::size_t last = bytes.rfind("\xff\xda");
  const std::string scan = bytes.substr(last, bytes.size() - 2 - last);
  bytes.resize(bytes.size() - 2);
  for (std::size_t i = 0; i < scans; ++i) bytes += scan;
  return bytes + std::string(bytes.size() < size ? size - bytes.size() : 0, '\0');
}

struct BadPicture {
  const char* kind;
  std::string bytes;
  std::string place;
};

std::vector<BadPicture> bad_pictures() {
  using namespace std::string_literals;
  const std::string jpeg = golden("420_37x29.jpg"), png = golden("rgb8.png");
  return {
      {"an empty file", "", "the file is empty"},
      {"no picture", "GIF89a and so on", "neither a JPEG nor a PNG picture"},
      {"a truncated JPEG", jpeg.substr(0, jpeg.size() - 40), "JPEG: the file is cut short, at byte"},
      {"a truncated PNG", png.substr(0, png.size() - 40), "PNG: the file is cut short, at byte"},
      {"a JPEG's first bytes", jpeg.substr(0, 3), "JPEG: the file is cut short, at byte 3 of 3"},
      {"a PNG's first bytes", png.substr(0, 8), "PNG: the file is cut short, at byte 8 of 8"},
      {"a PNG of 65,535 x 65,535", png_start(65535, 65535, 8, 2) + chunk("IDAT", zeros(1000)), "65535 x 65535 pixels"},
      {"a PNG of one row too wide", png_start(0x7fffffff, 1, 16, 6) + chunk("IDAT", zeros(1000)), "PNG: "},
      {"a JPEG of 65,500 x 65,500", jpeg_scans("progressive.jpg", 65500, 65500, 0, 0), "65500 x 65500 pixels"},
      {"a JPEG of 65,535 x 65,535", jpeg_scans("progressive.jpg", 65535, 65535, 0, 0), "JPEG: "},
      {"a PNG bomb", png_bomb(4096, 4096, 8, 2, 3, false), "PNG: the file is cut short"},
      {"an interlaced PNG bomb", png_bomb(4096, 4096, 8, 2, 3, true), "PNG: the file is cut short"},
      {"a PNG bomb of 16 bits", png_bomb(3000, 3000, 16, 6, 8, false), "PNG: the file is cut short"},
      {"too large a PNG of 16 bits", png_bomb(8192, 8192, 16, 6, 8, false), "8192 x 8192 pixels of 16 bits"},
      {"a text that is a bomb", png_start(1, 1, 8, 2) + chunk("zTXt", "a\0\0"s + zeros(64 << 20)), "cut short"},
      {"a profile that is a bomb", png_start(1, 1, 8, 2) + chunk("iCCP", "a\0\0"s + zeros(64 << 20)), "cut short"},
      {"a chunk of 2 GiB", png_start(1, 1, 8, 2) + "\x7f\xff\xff\xfftEXt" + std::string(1 << 20, 'a'), "cut short"},
      {"a thousand scans", jpeg_scans("grey_progressive.jpg", 64, 64, 1000, 0), "JPEG: more scans"},
      {"20 scans of many pixels", jpeg_scans("grey_progressive.jpg", 8192, 8192, 100, 100'000), "JPEG: more scans"},
      {"20 scans in colour", jpeg_scans("progressive.jpg", 6400, 6400, 100, 100'000), "JPEG: more scans"},
      {"coefficients beyond memory", jpeg_scans("progressive_444.jpg", 8000, 8000, 1, 100'000), "more than 256 MiB"},
  };
}

void expect_refused(const std::function<void()>& read, const std::string& beginning, const std::string& place) {
  const test::Measured result = test::measure(read);
  ASSERT_FALSE(result.crashed) << result.error;
  EXPECT_THAT(result.error, StartsWith(beginning));
  EXPECT_THAT(result.error, HasSubstr(place));
  EXPECT_LT(result.seconds, test::kBadFileSeconds);
  EXPECT_LT(result.mebibytes, test::kBadFileMebibytes);
}

TEST(BadPictures, AreRefusedByNameAndPlaceSoonAndInLittleMemory) {
  const Folder folder;
  for (const BadPicture& picture : bad_pictures()) {
    SCOPED_TRACE(picture.kind);
    const std::filesystem::path path = folder / "bad";
    test::put(path, picture.bytes);
    expect_refused([&] { read_image(path); }, path.string() + ": ", picture.place);
    expect_refused([&] { decode_image(std::as_bytes(std::span(picture.bytes))); }, "", picture.place);
  }
}

TEST(BadPictures, WhatIsNoFileOrEndlessIsRefused) {
  const Folder folder;
  const auto expect = [&](const std::filesystem::path& path, const char* place) {
    expect_refused([&] { read_image(path); }, path.string() + ": ", place);
  };
  expect(folder / "absent", "No such file");
  expect(folder / "", "this is a folder");
  expect("/dev/zero", "this is no regular file");
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  expect(folder / "pipe", "this is no regular file");
  test::put(folder / "sparse", golden("420_37x29.jpg"));
  std::filesystem::resize_file(folder / "sparse", std::uintmax_t{10} << 30);  // zeros that take no place
  expect(folder / "sparse", "larger than 256 MiB");
}

}  // namespace
}  // namespace minnow
