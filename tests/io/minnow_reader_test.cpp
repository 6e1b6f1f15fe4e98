#include "io/weights_support.h"

namespace {

using namespace minnow;
using test::expect_error;
using test::read_text;

std::string with_tensors(const std::string& tensors) {
  return R"({"format": "minnow", "version": 1, "tensors": {)" + tensors + "}}";
}

TEST(MinnowReader, ReadsTheExampleOfTheDescription) {
  const WeightsFile file = read_text(R"({
    "format": "minnow", "version": 1,
    "model": {"name": "resnet20", "options": {"num_classes": 2, "width": 0.5, "flag": true}},
    "preset": {"resize": 32, "crop": 0, "interpolation": "bicubic", "mean": [0.4914, 0, 1], "std": [0.25, 0.5, 1.0]},
    "labels": ["cat", "dog"],
    "provenance": {"data": "pets", "accuracy": "99 %"},
    "tensors": {
      "fc.bias": {"dtype": "float32", "shape": [2], "data": ["AACAPwAAAMA="]},
      "n": {"shape": [], "data": ["AQAAAA==", "AAAAAA=="], "dtype": "int64"}}})");
  EXPECT_EQ(file.model, "resnet20");
  EXPECT_EQ(file.options, (std::map<std::string, double>{{"num_classes", 2}, {"width", 0.5}, {"flag", 1}}));
  const Preset preset = {.resize = 32,
                         .crop = 0,
                         .interpolation = Interpolation::bicubic,
                         .mean = {0.4914f, 0.0f, 1.0f},
                         .std = {0.25f, 0.5f, 1.0f}};
  EXPECT_EQ(file.preset, preset);
  EXPECT_EQ(file.labels, (std::vector<std::string>{"cat", "dog"}));
  EXPECT_EQ(file.provenance.at("data"), "pets");
  EXPECT_EQ(file.provenance.at("accuracy"), "99 %");
  EXPECT_TENSOR_EQ(*file.find("fc.bias"), tensor({1.0f, -2.0f}));
  const std::int64_t one[] = {1};
  EXPECT_TENSOR_EQ(*file.find("n"), tensor(std::span(one), {}));
}

TEST(MinnowReader, NeedsNoMetadataAndSkipsWhatItDoesNotKnow) {
  const WeightsFile file = read_text(
      R"({"format": "minnow", "version": 1, "comment": {"tensors": [{"a": [null, 1.5, true, "x"]}]}, "x": null})");
  EXPECT_TRUE(file.model.empty() && file.labels.empty() && file.tensors.empty() && !file.preset);
}

TEST(MinnowReader, RefusesOtherFormatsAndVersions) {
  expect_error([] { read_text(R"({"format": "other", "version": 1})"); }, "not \"minnow\"");
  expect_error([] { read_text(R"({"format": "minnow", "version": 2})"); }, "version 2");
  expect_error([] { read_text(R"({"format": "minnow"})"); }, "\"version\" is missing");
}

TEST(MinnowReader, RefusesDamagedTensorsByName) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"shape": [1], "data": ["AACAPw=="]})", "dtype is missing"},
      {R"({"dtype": "float32", "data": ["AACAPw=="]})", "shape is missing"},
      {R"({"dtype": "float32", "shape": [1]})", "0 bytes of data"},
      {R"({"dtype": "float16", "shape": [1], "data": ["AACAPw=="]})", "float16"},
      {R"({"dtype": "float32", "shape": [2], "data": ["AACAPw=="]})", "4 bytes of data"},
      {R"({"dtype": "int64", "shape": [1], "data": ["AACAPw=="]})", "4 bytes of data"},
      {R"({"dtype": "float32", "shape": [-1], "data": ["AACAPw=="]})", "-1 is negative"},
      {R"({"dtype": "float32", "shape": [1.0], "data": ["AACAPw=="]})", "does not belong here"},
      {R"({"dtype": "float32", "shape": [[1]], "data": ["AACAPw=="]})", "does not belong here"},
      {R"({"dtype": "float32", "shape": [4294967296, 4294967296], "data": []})", "more elements than"},
      {R"({"dtype": "float32", "shape": [4611686018427387904], "data": []})", "0 bytes of data"},
      {R"({"dtype": "float32", "shape": [1,1,1,1,1,1,1,1,1], "data": ["AACAPw=="]})", "at most 8"},
      {R"({"dtype": "float32", "shape": [1], "data": "AACAPw=="})", "does not belong here"},
      {R"({"dtype": "float32", "shape": [1], "data": ["AACAPw="]})", "no multiple of four"},
      {R"({"dtype": "float32", "shape": [1], "data": ["AACA!w=="]})", "character 4"},
      {R"({"dtype": "float32", "shape": [1], "data": [1.0]})", "does not belong here"},
      {R"({"dtype": 1, "shape": [1], "data": ["AACAPw=="]})", "does not belong here"},
      {R"({"dtype": "float32", "dtype": "float32"})", "twice"},
      {R"({"dtype": "float32", "size": "float32"})", "does not belong here"},
      {R"([1.0])", "does not belong here"},
  };
  for (const auto& [entry, message] : cases) {
    const std::string text = with_tensors(str("\"fc.bias\": ", entry));
    expect_error([&] { read_text(text); }, message);
    expect_error([&] { read_text(text); }, "tensor \"fc.bias\"");
  }
}

TEST(MinnowReader, RefusesMetadataOfAnotherKind) {
  for (const char* entry : {R"("model": "resnet20")", R"("model": {"name": 1})", R"("labels": [1])", R"("labels": {})",
                            R"("preset": {"mean": ["0"]})", R"("preset": {"size": 1})", R"("provenance": {"data": 1})",
                            R"("model": {"options": {"a": "b"}})", R"("labels": [["a"]])", R"("tensors": [])"}) {
    expect_error([&] { read_text(str(R"({"format": "minnow", "version": 1, )", entry, '}')); }, "does not belong here");
  }
  expect_error([] { read_text(R"({"format": "minnow", "version": 1, "preset": {"mean": [1, 2]}})"); }, "not 3");
  expect_error([] { read_text(R"({"format": "minnow", "version": 1, "preset": {"resize": 32.5}})"); },
               "\"preset\", \"resize\": a whole number is expected, got 32.5");
  expect_error([] { read_text(R"({"format": "minnow", "version": 1, "preset": {"mean": [1, 2, 3, 4]}})"); }, "not 3");
  expect_error([] { read_text(R"({"format": "minnow", "version": 1, "preset": {"interpolation": "best"}})"); }, "best");
}

TEST(MinnowReader, RefusesAStringAbove64KiB) {
  const auto file = [](std::size_t length) {
    return with_tensors(str(R"("a": {"dtype": "float32", "shape": [)", length / 4 * 3 / 4, R"(], "data": [")",
                            std::string(length, 'A'), "\"]}"));
  };
  EXPECT_EQ(read_text(file(65536)).find("a")->numel(), 12288);
  expect_error([&] { read_text(file(65536 + 16)); }, "longer than 64 KiB");
  expect_error([&] { read_text(file(16 << 20)); }, "no value for more than");
}

}  // namespace
