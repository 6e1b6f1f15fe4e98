#include "support.h"

#include <minnow/io/base64.h>

namespace {

using namespace minnow;
using test::expect_error;

std::string decoded(const std::string& text) {
  std::string bytes(decoded_size(text), '\0');
  decode_base64(text, std::as_writable_bytes(std::span(bytes)));
  return bytes;
}

std::string encoded(const std::string& bytes) {
  std::string text;
  encode_base64(std::as_bytes(std::span(bytes)), text);
  return text;
}

TEST(Base64, EncodesTheExamplesOfTheStandard) {  // RFC 4648, section 10
  const std::pair<std::string, std::string> examples[] = {{"", ""},
                                                          {"f", "Zg=="},
                                                          {"fo", "Zm8="},
                                                          {"foo", "Zm9v"},
                                                          {"foob", "Zm9vYg=="},
                                                          {"fooba", "Zm9vYmE="},
                                                          {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : examples) {
    EXPECT_EQ(encoded(bytes), text);
    EXPECT_EQ(decoded(text), bytes);
  }
}

TEST(Base64, EveryByteComesBackFromEveryPlace) {
  for (int before = 0; before < 3; ++before) {
    for (int byte = 0; byte < 256; ++byte) {
      const std::string bytes = std::string(static_cast<std::size_t>(before), 'x') + static_cast<char>(byte) + "end";
      EXPECT_EQ(decoded(encoded(bytes)), bytes);
    }
  }
}

TEST(Base64, RefusesALengthThatIsNoMultipleOfFour) {
  for (const char* text : {"A", "AA", "AAA", "AAAAA"}) expect_error([&] { decoded(text); }, "no multiple of four");
}

TEST(Base64, SaysWhichCharacterIsWrong) {
  expect_error([] { decoded("AAAA*AAA"); }, "character 4");
  expect_error([] { decoded("AAAAAA A"); }, "character 6");
  expect_error([] { decoded("AA=A"); }, "character 2");
  expect_error([] { decoded("===="); }, "character 0");
  expect_error([] { decoded("A==="); }, "character 1");
  expect_error([] { decoded("AAA\xC3"); }, "character 3");
  expect_error([] { decoded("AAA*AA=="); }, "character 3");
}

}  // namespace
