#include <gmock/gmock.h>
#include <io/damage.h>

namespace minnow {
namespace {

using test::error_of;
using testing::AllOf;
using testing::HasSubstr;

/// Writes the size into the frame header: marker C0 or C2, length 2, precision 1, height 2, width 2.
std::vector<std::byte> jpeg_with_size(std::vector<std::byte> bytes, unsigned height, unsigned width) {
  std::size_t at = 2;
  while (bytes[at + 1] != std::byte{0xc0} && bytes[at + 1] != std::byte{0xc2}) {
    at += 2 + std::to_integer<std::size_t>(bytes[at + 2]) * 256 + std::to_integer<std::size_t>(bytes[at + 3]);
  }
  bytes[at + 5] = static_cast<std::byte>(height >> 8);
  bytes[at + 6] = static_cast<std::byte>(height);
  bytes[at + 7] = static_cast<std::byte>(width >> 8);
  bytes[at + 8] = static_cast<std::byte>(width);
  return bytes;
}

TEST(Jpeg, CutShortAnywhereIsAnError) {
  for (const char* name : {"420_37x29.jpg", "progressive.jpg", "grey.jpg", "cmyk_adobe.jpg", "oriented6_jpeg.jpg"}) {
    test::expect_every_truncation_fails(test::golden_picture(name));
  }
}

TEST(Jpeg, CutShortNamesThePlace) {
  auto bytes = test::golden_picture("420_37x29.jpg");
  bytes.resize(bytes.size() - 40);
  EXPECT_THAT(
      error_of([&] { decode_image(bytes); }),
      AllOf(HasSubstr("JPEG: the file is cut short, at byte " + std::to_string(bytes.size())), HasSubstr("rows")));
}

TEST(Jpeg, DamagedDecodesOrIsAnError) {
  for (const char* name : {"420_37x29.jpg", "progressive.jpg", "cmyk_progressive.jpg", "oriented6_jpeg.jpg"}) {
    test::expect_damage_is_survived(test::golden_picture(name));
  }
}

TEST(Jpeg, OfAnAbsurdSizeIsRefused) {
  EXPECT_THROW(decode_image(jpeg_with_size(test::golden_picture("444_16x16.jpg"), 65535, 65535)), Error);
  EXPECT_THAT(error_of([] { decode_image(jpeg_with_size(test::golden_picture("444_16x16.jpg"), 65500, 65500)); }),
              HasSubstr("65500 x 65500 pixels"));
  EXPECT_THROW(decode_image(jpeg_with_size(test::golden_picture("444_16x16.jpg"), 0, 16)), Error);
}

TEST(Jpeg, WithMorePixelsThanItsBytesCanHoldIsRefused) {
  EXPECT_THAT(error_of([] { decode_image(jpeg_with_size(test::golden_picture("444_16x16.jpg"), 8000, 8000)); }),
              HasSubstr("cannot be in"));
}

TEST(Jpeg, ThatNeedsTooMuchMemoryIsRefused) {
  auto bytes = jpeg_with_size(test::golden_picture("progressive_444.jpg"), 8000, 8000);
  bytes.resize(100'000);
  EXPECT_THAT(error_of([&] { decode_image(bytes); }), HasSubstr("more than 256 MiB"));
}

TEST(Jpeg, WithoutEndOfScansIsRefused) {
  auto bytes = test::golden_picture("grey_progressive.jpg");
  // The last scan once more and once more: from its marker to the end marker.
  std::size_t scan = bytes.size() - 2;
  while (bytes[scan] != std::byte{0xff} || bytes[scan + 1] != std::byte{0xda}) --scan;
  const std::vector<std::byte> last(bytes.begin() + static_cast<std::ptrdiff_t>(scan), bytes.end() - 2);
  for (int i = 0; i < 1000; ++i) bytes.insert(bytes.end() - 2, last.begin(), last.end());
  EXPECT_THAT(error_of([&] { decode_image(bytes); }), HasSubstr("more scans"));
}

}  // namespace
}  // namespace minnow
