#pragma once

#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "support.h"

#include <minnow/io/tensors.h>

namespace minnow::test {

/// A folder of its own for a test, gone afterwards.
class Folder {
 public:
  Folder() {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    path_ = std::filesystem::temp_directory_path() /
            str("minnow.", info->test_suite_name(), '.', info->name(), '.', static_cast<const void*>(this));
    std::filesystem::create_directories(path_);
  }
  ~Folder() { std::filesystem::remove_all(path_); }

  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
  std::size_t size() const {
    const std::filesystem::directory_iterator files(path_);
    return static_cast<std::size_t>(std::distance(begin(files), end(files)));
  }

 private:
  std::filesystem::path path_;
};

inline std::string content(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline void put(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

inline WeightsFile read_text(const std::string& text) {
  return read_weights(std::as_bytes(std::span(text.data(), text.size())));
}

/// A file of safetensors with this header, padded as it stands, and `size` bytes of data.
inline std::string safetensors(const std::string& header, std::size_t size) {
  const std::uint64_t length = header.size();
  std::string text(sizeof length, '\0');
  std::memcpy(text.data(), &length, sizeof length);
  return text + header + std::string(size, '\1');
}

/// Tensors of every rank with values that are hard to write: the smallest, -0.0, many digits, int64's ends.
inline WeightsFile sample() {
  const float values[] = {0.1f,   -0.0f,        1.0f,         1e20f,  3.4028235e38f, 1.1754944e-38f,
                          1e-45f, -16777216.0f, 0.333333343f, 1e-10f, 123456.789f,   -2.5f};
  const std::int64_t counts[] = {std::numeric_limits<std::int64_t>::min(), -1, 0, 9007199254740993};
  WeightsFile file;
  file.tensors = {{"layer1.0.conv.weight", tensor(std::span(values), {2, 3, 1, 2})},
                  {"count", tensor(std::span(counts).first(1), {})},
                  {"scalar", tensor(1.5f)},
                  {"counts", tensor(std::span(counts), {2, 2})},
                  {"nothing", empty({2, 0})},
                  {"n\xC3\xA4me \"quoted\"\n", tensor({3.0f, 4.0f, 5.0f})}};
  return file;
}

inline void expect_same_tensors(const WeightsFile& actual, const WeightsFile& expected) {
  ASSERT_EQ(actual.tensors.size(), expected.tensors.size());
  for (std::size_t i = 0; i < expected.tensors.size(); ++i) {
    EXPECT_EQ(actual.tensors[i].name, expected.tensors[i].name);
    EXPECT_TENSOR_EQ(actual.tensors[i].value, expected.tensors[i].value);
  }
}

}  // namespace minnow::test
