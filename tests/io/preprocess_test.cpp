#include <minnow/io/preprocess.h>

#include <array>
#include <limits>
#include <string>

#include <gmock/gmock.h>
#include <io/pictures.h>

namespace minnow {
namespace {

using test::error_of;
using test::pictures_dir;
using testing::HasSubstr;

std::string fnv1a(const Tensor& tensor) { return test::fnv1a(std::as_bytes(tensor.span())); }

TEST(Preprocess, EqualsTorchvisionToTheBit) {
  std::ifstream list(pictures_dir() / "preprocess.txt");
  std::string picture, interpolation, sum;
  Preset preset;
  std::int64_t height = 0, width = 0;
  const auto read = [&] {
    list >> picture >> preset.resize >> preset.crop >> interpolation;
    for (float& value : preset.mean) list >> value;
    for (float& value : preset.std) list >> value;
    return static_cast<bool>(list >> height >> width >> sum);
  };
  int count = 0;
  for (; read(); ++count) {
    SCOPED_TRACE(picture + " " + std::to_string(preset.resize) + " " + std::to_string(preset.crop) + " " +
                 interpolation);
    preset.interpolation = interpolation_from_name(interpolation);
    const Tensor input = preprocess(read_image(pictures_dir() / picture), preset);
    EXPECT_EQ(input.shape(), (Shape{1, 3, height, width}));
    EXPECT_EQ(fnv1a(input), sum);
  }
  EXPECT_EQ(count, 126);
}

TEST(Preprocess, OfPhotographsEqualsTorchvisionToTheBit) {
  const auto folder = std::filesystem::path(MINNOW_SHARED_DIR) / "photos";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no " << folder;
  std::ifstream list(pictures_dir() / "photos.txt");
  std::string name, width, height, pixels, sum;
  int count = 0;
  for (; list >> name >> width >> height >> pixels >> sum; ++count) {
    EXPECT_EQ(fnv1a(imagenet(read_image(folder / name))), sum) << name;
  }
  EXPECT_EQ(count, 5);
}

TEST(Preprocess, OfABatchIsThatOfEachPicture) {
  const std::array images = {read_image(pictures_dir() / "444_37x29.jpg"), read_image(pictures_dir() / "grey.jpg"),
                             read_image(pictures_dir() / "one_pixel.jpg")};
  const Preset preset = {.resize = 20, .crop = 18};
  const Tensor batch = preprocess(images, preset);
  ASSERT_EQ(batch.shape(), (Shape{3, 3, 18, 18}));
  for (std::size_t i = 0; i < images.size(); ++i) {
    const Tensor single = preprocess(images[i], preset);
    const auto picture = batch.span().subspan(i * 3 * 18 * 18, 3 * 18 * 18);
    EXPECT_TRUE(std::equal(picture.begin(), picture.end(), single.span().begin())) << i;
  }
}

TEST(Preprocess, OfAnEmptyBatchIsEmpty) {
  EXPECT_EQ(preprocess(std::span<const Image>(), Preset{}).shape(), (Shape{0, 3, 224, 224}));
}

TEST(Preprocess, RefusesABatchOfDifferentSizes) {
  const std::array images = {read_image(pictures_dir() / "444_37x29.jpg"), read_image(pictures_dir() / "grey.jpg")};
  EXPECT_THAT(error_of([&] { preprocess(images, {.resize = 20, .crop = 0}); }), HasSubstr("picture 1 becomes 28 x 20"));
}

TEST(Preprocess, OfAVeryLongPictureComputesTheCropAlone) {
  const std::vector<std::uint8_t> pixels(3 * 1'000'000, 255);
  const Image image = Image::from_pixels(pixels.data(), 1'000'000, 1);
  EXPECT_EQ(imagenet(image).shape(), (Shape{1, 3, 224, 224}));
  EXPECT_THROW(preprocess(image, {.resize = 256, .crop = 0}), Error);
}

TEST(Preprocess, RefusesWhatMakesNoSense) {
  const Image image = read_image(pictures_dir() / "one_pixel.jpg");
  EXPECT_THAT(error_of([] { imagenet(Image()); }), HasSubstr("the picture is empty"));
  EXPECT_THROW(preprocess(image, {.resize = -1}), Error);
  EXPECT_THROW(preprocess(image, {.crop = -1}), Error);
  EXPECT_THROW(preprocess(image, {.crop = std::numeric_limits<std::int64_t>::max()}), Error);
  EXPECT_THROW(preprocess(image, {.std = {1, 0, 1}}), Error);
}

}  // namespace
}  // namespace minnow
