#include <minnow/io/resize.h>

#include <array>
#include <string>

#include <gmock/gmock.h>
#include <io/pictures.h>
#include <minnow/core/threads.h>

namespace minnow {
namespace {

using test::error_of;
using test::expect_equal;
using test::pictures_dir;
using testing::HasSubstr;

TEST(Resize, EqualsPillowToTheBit) {
  std::ifstream list(pictures_dir() / "resize.txt");
  std::string picture, interpolation, sum;
  std::int64_t width = 0, height = 0;
  int count = 0;
  for (; list >> picture >> width >> height >> interpolation >> sum; ++count) {
    SCOPED_TRACE(picture + " " + std::to_string(width) + " " + std::to_string(height) + " " + interpolation);
    const Image image = read_image(pictures_dir() / picture);
    const Image resized = resize(image, width, height, interpolation_from_name(interpolation));
    EXPECT_EQ(resized.width(), width);
    EXPECT_EQ(resized.height(), height);
    EXPECT_EQ(test::fnv1a(resized), sum);
  }
  EXPECT_EQ(count, 132);
}

Image part(const Image& image, const Window& window) {
  return Image::from_pixels(image.pixels().data() + 3 * (window.top * image.width() + window.left), window.width,
                            window.height, PixelFormat::rgb, static_cast<std::ptrdiff_t>(3 * image.width()));
}

TEST(Resize, OfAWindowIsThatPartOfTheWhole) {
  const Image image = read_image(pictures_dir() / "444_37x29.jpg");
  const std::array<std::array<std::int64_t, 2>, 5> sizes = {{{37, 29}, {37, 50}, {20, 29}, {19, 13}, {80, 63}}};
  for (const auto& [width, height] : sizes) {
    for (const auto interpolation : {Interpolation::nearest, Interpolation::bilinear, Interpolation::bicubic}) {
      SCOPED_TRACE(std::to_string(width) + " x " + std::to_string(height) + " " + std::string(name_of(interpolation)));
      const Image whole = resize(image, width, height, interpolation);
      const std::array<Window, 4> windows = {
          {{0, 0, width, height}, {5, 3, 7, 4}, {width - 1, height - 1, 1, 1}, {0, 4, width, 5}}};
      for (const Window& window : windows) {
        expect_equal(resize(image, width, height, interpolation, window), part(whole, window));
      }
    }
  }
}

TEST(Resize, ToTheSameSizeSharesThePixels) {
  const Image image = read_image(pictures_dir() / "grey.jpg");
  EXPECT_EQ(resize(image, image.width(), image.height()).pixels().data(), image.pixels().data());
}

TEST(Resize, GivesTheSameBitsForAnyNumberOfThreads) {
  const Image image = read_image(pictures_dir() / "444_37x29.jpg");
  const int before = num_threads();
  set_num_threads(1);
  const Image one = resize(image, 211, 301, Interpolation::bicubic);
  set_num_threads(3);
  expect_equal(resize(image, 211, 301, Interpolation::bicubic), one);
  set_num_threads(before);
}

TEST(Resize, RefusesSizesThatMakeNoSense) {
  const Image image = read_image(pictures_dir() / "one_pixel.jpg");
  EXPECT_THROW(resize(image, 0, 3), Error);
  EXPECT_THROW(resize(image, 3, -1), Error);
  EXPECT_THROW(resize(Image(), 3, 3), Error);
  EXPECT_THROW(resize(image, 1'000'000, 1'000'000), Error);
  EXPECT_THROW(resize(image, 5, 5, Interpolation::bilinear, {1, 0, 5, 5}), Error);
  EXPECT_THROW(resize(image, 5, 5, Interpolation::bilinear, {0, -1, 5, 5}), Error);
  EXPECT_THROW(resize(image, 5, 5, Interpolation::bilinear, {0, 0, 0, 5}), Error);
}

TEST(Interpolation, HasANameAndIsFoundByIt) {
  for (const auto interpolation : {Interpolation::nearest, Interpolation::bilinear, Interpolation::bicubic}) {
    EXPECT_EQ(interpolation_from_name(name_of(interpolation)), interpolation);
  }
  EXPECT_EQ(name_of(Interpolation::bicubic), "bicubic");
  EXPECT_THAT(error_of([] { interpolation_from_name("lanczos"); }), HasSubstr("got \"lanczos\""));
}

}  // namespace
}  // namespace minnow
