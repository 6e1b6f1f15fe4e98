#include <sys/resource.h>

#include <array>
#include <cctype>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <io/pictures.h>

namespace minnow {
namespace {

using test::error_of;
using test::expect_equal;
using test::pictures_dir;
using testing::HasSubstr;

std::vector<std::string> pictures() {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(pictures_dir())) {
    const auto extension = entry.path().extension();
    if (extension == ".jpg" || extension == ".png") names.insert(entry.path().filename().string());
  }
  return {names.begin(), names.end()};
}

class GoldenPicture : public testing::TestWithParam<std::string> {};

TEST_P(GoldenPicture, EqualsPillow) {
  const auto path = pictures_dir() / GetParam();
  const Image expected = test::read_ppm(std::filesystem::path(path).replace_extension(".ppm"));
  expect_equal(read_image(path), expected);
  expect_equal(decode_image(test::read_bytes(path)), expected);
}

TEST_P(GoldenPicture, IsTurnedUprightOnRequestOnly) {
  const auto path = pictures_dir() / GetParam();
  auto upright = std::filesystem::path(path).replace_extension(".upright.ppm");
  if (!std::filesystem::exists(upright)) upright = std::filesystem::path(path).replace_extension(".ppm");
  expect_equal(read_image(path, {.exif_orientation = true}), test::read_ppm(upright));
}

INSTANTIATE_TEST_SUITE_P(Every, GoldenPicture, testing::ValuesIn(pictures()), [](const auto& test) {
  std::string name = test.param;
  for (char& c : name) c = std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
  return name;
});

TEST(Image, GoldenPicturesCoverEveryFlavour) { EXPECT_GE(pictures().size(), 75u); }

TEST(Image, PhotographsEqualPillow) {
  const auto folder = std::filesystem::path(MINNOW_SHARED_DIR) / "photos";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no " << folder;
  std::ifstream list(pictures_dir() / "photos.txt");
  std::string name, pixels, input;
  std::int64_t width = 0, height = 0;
  int count = 0;
  for (; list >> name >> width >> height >> pixels >> input; ++count) {
    SCOPED_TRACE(name);
    const Image image = read_image(folder / name);
    EXPECT_EQ(image.width(), width);
    EXPECT_EQ(image.height(), height);
    EXPECT_EQ(test::fnv1a(image), pixels);
  }
  EXPECT_EQ(count, 5);
}

TEST(Image, StartsEmpty) {
  const Image image;
  EXPECT_EQ(image.width(), 0);
  EXPECT_EQ(image.height(), 0);
  EXPECT_TRUE(image.pixels().empty());
}

TEST(Image, CopiesAndMovesShareThePixels) {
  const std::array<std::uint8_t, 3> pixel = {1, 2, 3};
  Image image = Image::from_pixels(pixel.data(), 1, 1);
  const Image copy = image;
  const Image moved = std::move(image);
  EXPECT_EQ(copy.pixels().data(), moved.pixels().data());
  EXPECT_EQ(image.pixels().size(), 3u);  // NOLINT: what was moved from stays a picture
}

TEST(Image, FromPixelsReadsEveryFormat) {
  const std::array<std::uint8_t, 8> bytes = {1, 2, 3, 4, 5, 6, 7, 8};
  const auto pixels = [&](PixelFormat format) {
    const Image image = Image::from_pixels(bytes.data(), 2, 1, format);
    return std::vector<int>(image.pixels().begin(), image.pixels().end());
  };
  EXPECT_EQ(pixels(PixelFormat::rgb), (std::vector{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(pixels(PixelFormat::bgr), (std::vector{3, 2, 1, 6, 5, 4}));
  EXPECT_EQ(pixels(PixelFormat::rgba), (std::vector{1, 2, 3, 5, 6, 7}));
  EXPECT_EQ(pixels(PixelFormat::bgra), (std::vector{3, 2, 1, 7, 6, 5}));
  EXPECT_EQ(pixels(PixelFormat::gray), (std::vector{1, 1, 1, 2, 2, 2}));
}

TEST(Image, FromPixelsFollowsTheStride) {
  const std::array<std::uint8_t, 7> bytes = {1, 2, 0, 0, 0, 3, 4};
  const Image down = Image::from_pixels(bytes.data(), 2, 2, PixelFormat::gray, 5);
  EXPECT_EQ(int{down.pixels()[6]}, 3);
  const Image up = Image::from_pixels(bytes.data() + 5, 2, 2, PixelFormat::gray, -5);
  EXPECT_EQ(int{up.pixels()[0]}, 3);
  EXPECT_EQ(int{up.pixels()[9]}, 2);
}

TEST(Image, FromPixelsRefusesWhatHasNoPixels) {
  const std::array<std::uint8_t, 12> bytes{};
  EXPECT_THROW(Image::from_pixels(nullptr, 2, 2), Error);
  EXPECT_THROW(Image::from_pixels(bytes.data(), 0, 2), Error);
  EXPECT_THROW(Image::from_pixels(bytes.data(), 2, -1), Error);
  EXPECT_THROW(Image::from_pixels(bytes.data(), std::int64_t{1} << 40, 1), Error);
  EXPECT_THROW(Image::from_pixels(bytes.data(), 2, 2, PixelFormat::rgb, 5), Error);
}

TEST(ReadImage, NamesTheFileAndWhatIsWrongWithIt) {
  const auto folder = std::filesystem::temp_directory_path() / "minnow_image_test";
  std::filesystem::create_directories(folder);
  const auto write = [&](const char* name, const std::string& text) {
    std::ofstream(folder / name, std::ios::binary) << text;
    return folder / name;
  };
  const auto error = [](const std::filesystem::path& path) { return error_of([&] { read_image(path); }); };
  EXPECT_EQ(error(folder / "missing.png"),
            (folder / "missing.png").string() + ": cannot open: No such file or directory");
  EXPECT_EQ(error(folder), folder.string() + ": this is a folder, not a file");
  const auto empty = write("empty.jpg", "");
  EXPECT_EQ(error(empty), empty.string() + ": the file is empty");
  const auto text = write("text.jpg", "no picture");
  EXPECT_EQ(error(text), text.string() + ": neither a JPEG nor a PNG picture, by its first bytes");
  const auto start = write("start.png", "\x89PNG\r\n\x1a\n");
  EXPECT_EQ(error(start), start.string() + ": PNG: the file is cut short, at byte 8 of 8");
  std::filesystem::remove_all(folder);
}

TEST(ReadImage, KeepsAWindowOfTheFileInMemory) {
  const auto path = std::filesystem::path(testing::TempDir()) / "minnow_large_picture.jpg";
  std::ofstream(path, std::ios::binary) << "\xff\xd8\xff";
  std::filesystem::resize_file(path, 128 << 20);  // zeros that take no place
  const auto peak_kib = [] {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
  };
  const long before = peak_kib();
  EXPECT_THAT(error_of([&] { read_image(path); }), HasSubstr("the file is cut short, at byte 134217728 of 134217728"));
  EXPECT_LT(peak_kib() - before, 32 << 10);
  std::filesystem::remove(path);
}

TEST(DecodeImage, RefusesNoBytes) { EXPECT_THROW(decode_image({}), Error); }

TEST(DecodeImage, RefusesMorePixelsThanAllowed) {
  const auto bytes = test::read_bytes(pictures_dir() / "444_37x29.jpg");
  EXPECT_NO_THROW(decode_image(bytes, {.max_pixels = 37 * 29}));
  EXPECT_THAT(error_of([&] { decode_image(bytes, {.max_pixels = 37 * 29 - 1}); }), HasSubstr("37 x 29 pixels"));
}

}  // namespace
}  // namespace minnow
