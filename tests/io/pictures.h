#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <iterator>
#include <span>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <minnow/core/error.h>
#include <minnow/io/image.h>

namespace minnow::test {

inline std::filesystem::path pictures_dir() { return std::filesystem::path(MINNOW_TEST_DIR) / "golden" / "pictures"; }

inline std::vector<std::byte> read_bytes(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

inline std::vector<std::byte> golden_picture(const std::string& name) { return read_bytes(pictures_dir() / name); }

/// A P6 file, as Pillow writes it.
inline Image read_ppm(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string kind;
  std::int64_t width = 0, height = 0, top = 0;
  file >> kind >> width >> height >> top;
  file.get();
  EXPECT_EQ(kind, "P6") << path;
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(3 * width * height));
  file.read(reinterpret_cast<char*>(pixels.data()), static_cast<std::streamsize>(pixels.size()));
  EXPECT_TRUE(file) << path;
  return Image::from_pixels(pixels.data(), width, height);
}

/// FNV-1a, 64 bits, in hexadecimal: what the lists of the golden pictures hold.
inline std::string fnv1a(std::span<const std::byte> bytes) {
  std::uint64_t value = 0xcbf29ce484222325;
  for (const std::byte byte : bytes) value = (value ^ std::to_integer<std::uint64_t>(byte)) * 0x100000001b3;
  std::ostringstream out;
  out << std::hex << std::setw(16) << std::setfill('0') << value;
  return out.str();
}

inline std::string fnv1a(const Image& image) { return fnv1a(std::as_bytes(image.pixels())); }

inline void expect_equal(const Image& image, const Image& expected) {
  ASSERT_EQ(image.width(), expected.width());
  ASSERT_EQ(image.height(), expected.height());
  for (std::size_t i = 0; i < image.pixels().size(); ++i) {
    ASSERT_EQ(int{image.pixels()[i]}, int{expected.pixels()[i]}) << "byte " << i;
  }
}

template <class Function>
std::string error_of(Function&& function) {
  try {
    function();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace minnow::test
