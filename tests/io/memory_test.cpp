#include <cstdlib>
#include <ctime>
#include <functional>

#include "io/measured.h"
#include "io/weights_support.h"

// What reading costs, measured in a process of its own.

namespace {

using namespace minnow;
using test::Folder;
using test::MiB;
using test::put;

// How many MiB of resident memory `read` takes at its peak, beyond what was there.
std::int64_t taken(const std::function<void()>& read) {
  const test::Measured result = test::measure(read);
  EXPECT_FALSE(result.crashed);
  return result.mebibytes;
}

class Memory : public testing::Test {
 protected:
  void SetUp() override {
#ifdef MINNOW_SANITIZED
    GTEST_SKIP() << "a sanitizer's memory is not ours";
#endif
  }
};

TEST_F(Memory, ReadingJsonTakesTheTensorsOnceAnd16MiB) {
  // 33 MiB: a second copy is too much, and no allocator keeps so much for the next one. Once so large a block was
  // freed, glibc takes memory for smaller ones from its heap, where they grow by copies.
  std::free(std::malloc(31 * MiB));
  constexpr std::int64_t rows = 8448, size = rows * 1024 * 4 / MiB;
  const Folder folder;
  for (const WeightsFormat format : {WeightsFormat::lists, WeightsFormat::minnow}) {
    write_weights({.tensors = {{"small", arange(10)}, {"large", full({rows, 1024}, 0.5)}}}, folder / "a", format);
    const std::int64_t mebibytes = taken([&] { read_weights(folder / "a"); });
    EXPECT_LE(mebibytes, size + 16);
    EXPECT_GT(mebibytes, size - 2) << "the measurement is blind";
  }
}

TEST_F(Memory, MappingTakesNoneUntilItIsTouched) {
  const Folder folder;
  write_weights({.tensors = {{"large", zeros({9000, 1024})}}}, folder / "a", WeightsFormat::safetensors);
  EXPECT_LE(taken([&] { read_weights(folder / "a"); }), 4);
}

TEST_F(Memory, BadFilesTakeLittleAndEndSoon) {
  const Folder folder;
  const std::string entry = R"({"format": "minnow", "version": 1, "tensors": {"a": {"dtype": "float32", "shape": )";
  const std::uint64_t half = 1u << 30, length = std::uint64_t{1} << 60;
  const auto eight = [](const std::uint64_t& value) {
    return std::string(reinterpret_cast<const char*>(&value), sizeof value);
  };
  const std::string files[] = {
      std::string(20'000'000, '['),
      R"({"a": )" + std::string(20'000'000, '['),
      entry + R"([1], "data": [")" + std::string(30'000'000, 'A') + "\"]}}}",
      entry + R"([4000000000, 1000000000], "data": ["AAAA"]}}})",
      entry + R"([4000000000, 4000000000, 4000000000], "data": ["AAAA"]}}})",
      '"' + std::string(30'000'000, 'x'),
      R"({"a": [)" + std::string(30'000'000, '1') + "]}",
      "{" + std::string(30'000'000, ' ') + "}",
      eight(length) + "{}",
      eight(half) + "{}",
      test::safetensors(R"({"a":{"dtype":"F64","shape":[1000000000000],"data_offsets":[0,8000000000000]}})", 8),
      test::safetensors(R"({"a":{"dtype":"F64","shape":[1000000000000],"data_offsets":[0,8]}})", 8),
      test::safetensors("{\"a\":" + std::string(20'000'000, '['), 8),
  };
  for (const std::string& text : files) {
    put(folder / "a", text);
    const std::clock_t start = std::clock();
    EXPECT_THROW(read_weights(folder / "a"), Error) << text.substr(0, 90);
    EXPECT_LT(std::clock() - start, CLOCKS_PER_SEC) << text.substr(0, 90);
    EXPECT_LE(taken([&] { read_weights(folder / "a"); }), 16) << text.substr(0, 90);
  }
}

}  // namespace
