#include <minnow/io/decoders.h>

#include <array>
#include <string_view>

#include <io/pictures.h>

namespace minnow::detail {
namespace {

using namespace std::string_view_literals;

int orientation(std::string_view block) { return exif_orientation(std::as_bytes(std::span(block))); }

constexpr std::string_view kLittle = "II\x2a\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0"sv;
constexpr std::string_view kBig = "MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x08\0\0\0\0\0\0"sv;

TEST(ExifOrientation, IsReadInBothByteOrders) {
  EXPECT_EQ(orientation(kLittle), 6);
  EXPECT_EQ(orientation(kBig), 8);
}

TEST(ExifOrientation, OfABrokenBlockIsUpright) {
  for (std::size_t size = 0; size < 19; ++size) EXPECT_EQ(orientation(kLittle.substr(0, size)), 1) << size;
  EXPECT_EQ(orientation("II\x2a\0\xff\xff\xff\xff\xff\xff"sv), 1);                            // directory far outside
  EXPECT_EQ(orientation("II\x2a\0\x08\0\0\0\xff\xff"sv), 1);                                  // entries without end
  EXPECT_EQ(orientation("II\x2a\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x09\0\0\0"sv), 1);  // no such value
  EXPECT_EQ(orientation("II\x2a\0\x08\0\0\0\x01\0\x12\x01\x02\0\x01\0\0\0\x06\0\0\0"sv), 1);  // a text
  EXPECT_EQ(orientation("IM\x2a\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0"sv), 1);
}

TEST(Upright, TurnsAndMirrorsAsTheEightValuesSay) {
  // 1 2 3
  // 4 5 6
  const std::array<std::uint8_t, 6> pixels = {1, 2, 3, 4, 5, 6};
  const Image image = Image::from_pixels(pixels.data(), 3, 2, PixelFormat::gray);
  const std::array<std::string_view, 8> expected = {"123456", "321654", "654321", "456123",
                                                    "142536", "415263", "635241", "362514"};
  for (int i = 1; i <= 8; ++i) {
    const Image result = upright(image, i);
    EXPECT_EQ(result.width(), i < 5 ? 3 : 2);
    std::string digits;
    for (std::size_t k = 1; k < result.pixels().size(); k += 3) digits += static_cast<char>('0' + result.pixels()[k]);
    EXPECT_EQ(digits, expected[static_cast<std::size_t>(i - 1)]) << i;
  }
}

}  // namespace
}  // namespace minnow::detail
