#include <clocale>

#include "support.h"

#include <minnow/io/json.h>

namespace {

using namespace minnow;
using test::expect_error;

// Writes down what it is told.
struct Log : JsonEvents {
  std::string text;
  void begin_object() override { text += '{'; }
  void key(std::string_view name) override { text += str(name, ':'); }
  void end_object() override { text += '}'; }
  void begin_array() override { text += '['; }
  void end_array() override { text += ']'; }
  void string(std::string_view value) override { text += str('"', value, '"'); }
  void integer(std::int64_t value) override { text += str(value, ' '); }
  void number(float value, std::string_view) override { text += str('~', value, ' '); }
  void boolean(bool value) override { text += value ? 'T' : 'F'; }
  void null() override { text += '0'; }
  std::string place() const override { return "here"; }
};

std::string log_of(const std::string& text) {
  Log log;
  Source source(text);
  parse_json(source, log);
  return log.text;
}

TEST(Json, TellsEverythingInOrder) {
  EXPECT_EQ(log_of(R"( {"a": [1, -2.5, "x\n"], "b": {}, "c": [true, false, null]} )"),
            "{a:[1 ~-2.5 \"x\n\"]b:{}c:[TF0]}");
  EXPECT_EQ(log_of("\xEF\xBB\xBF[]"), "[]");
}

TEST(Json, RoundsDecimalsOnceToFloat) {
  struct One : JsonEvents {
    float value = 0;
    void number(float v, std::string_view) override { value = v; }
  };
  const auto read = [](const std::string& text) {
    One one;
    Source source(text);
    parse_json(source, one);
    return one.value;
  };
  EXPECT_EQ(read("0.10000000149011612"), 0.1f);
  EXPECT_EQ(read("1e-45"), 1e-45f);
  EXPECT_EQ(read("1e-60"), 0.0f);
  EXPECT_EQ(read("3.4028234663852886e+38"), std::numeric_limits<float>::max());
  // Just above the middle of two floats: a detour through double would fall on the middle and round down.
  EXPECT_EQ(read("1.00000005960464477540"), 1.00000011920928955f);
}

TEST(Json, RefusesNumbersOutOfRange) {
  expect_error([] { log_of("[1e39]"); }, "number overflow");
  expect_error([] { log_of("[9223372036854775808]"); }, "out of range");
  expect_error([] { log_of("[99999999999999999999]"); }, "the number 99999999999999999999 is out of range");
  expect_error([] { log_of("[-9223372036854775809]"); }, "out of range");
  EXPECT_EQ(log_of("[-9223372036854775808]"), "[-9223372036854775808 ]");
}

TEST(Json, ReadsDecimalPointsWhateverTheLocaleWrites) {
  const std::string before = std::setlocale(LC_NUMERIC, nullptr);
  const bool comma = std::setlocale(LC_NUMERIC, "de_DE.UTF-8") || std::setlocale(LC_NUMERIC, "fr_FR.UTF-8");
  const std::string read = comma ? log_of("[1.5, 2]") : "";
  std::setlocale(LC_NUMERIC, before.c_str());
  if (!comma) GTEST_SKIP() << "no locale here has a decimal comma";
  EXPECT_EQ(read, log_of("[1.5, 2]"));
}

TEST(Json, RefusesNaNAndInfinityByName) {
  for (const char* text : {"[NaN]", "[Infinity]", "[-Infinity]", "[1, NaN"}) {
    expect_error([&] { log_of(text); }, "NaN and Infinity are not JSON");
  }
}

TEST(Json, RefusesAZeroByteWhereverItStands) {
  using namespace std::string_literals;
  for (const std::string& text : {"[1]\0"s, "[1]\0[2]"s, "[1,\0 2]"s, "\0[1]"s, "[\"a\0b\"]"s}) {
    expect_error([&] { log_of(text); }, "zero byte");
  }
}

TEST(Json, RefusesAKeyTwice) {
  expect_error([] { log_of(R"({"a": 1, "b": {"a": 1}, "a": 2})"); }, "\"a\" stands twice");
}

TEST(Json, SurvivesAHundredThousandBrackets) {
  for (const char* bracket : {"[", "{\"a\":"}) {
    std::string text;
    for (int i = 0; i < 100'000; ++i) text += bracket;
    expect_error([&] { log_of(text); }, "brackets");
  }
}

TEST(Json, SaysAtWhichByteAndPlace) {
  expect_error([] { log_of("[1, 2, x]"); }, "at byte 8, here: syntax error");
  expect_error([] { log_of("[1, 2"); }, "at byte 5, here: syntax error");
  expect_error([] { log_of("[1] 2"); }, "syntax error");
  expect_error([] { log_of(""); }, "syntax error");
}

TEST(Json, RefusesAnEndlessStringBeforeItIsInMemory) {
  const std::string text = '"' + std::string(10'000'000, 'x') + '"';
  expect_error([&] { log_of(text); }, "no value for more than");
}

TEST(Json, QuotesAsJsonDoes) {
  EXPECT_EQ(json_string("a\"\n\\\xC3\xA4"), R"("a\"\n\\)"
                                            "\xC3\xA4\"");
  expect_error([] { json_string("\xFF"); }, "UTF-8");
}

}  // namespace
