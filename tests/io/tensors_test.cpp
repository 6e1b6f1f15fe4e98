#include "io/weights_support.h"

namespace {

using namespace minnow;
using test::content;
using test::expect_error;
using test::Folder;
using test::put;
using test::read_text;

const WeightsFormat formats[] = {WeightsFormat::minnow, WeightsFormat::safetensors, WeightsFormat::lists};

std::string bytes_in(WeightsFormat format) {
  const Folder folder;
  WeightsFile file = test::sample();
  file.model = "resnet20";
  file.preset = Preset{};
  file.labels = {"cat", "dog"};
  write_weights(file, folder / "a", format);
  return content(folder / "a");
}

// Reads or throws an Error: nothing else may happen, and the sanitizers watch.
bool reads(const std::string& text) {
  try {
    const WeightsFile file = read_text(text);
    for (const NamedTensor& tensor : file.tensors) EXPECT_GE(tensor.value.nbytes(), 0);
    return true;
  } catch (const Error&) {
    return false;
  }
}

TEST(Weights, EveryTruncationIsAnError) {
  for (const WeightsFormat format : formats) {
    std::string text = bytes_in(format);
    while (text.ends_with('\n')) text.pop_back();
    EXPECT_TRUE(reads(text));
    for (std::size_t size = 0; size < text.size(); ++size) EXPECT_FALSE(reads(text.substr(0, size))) << size;
  }
}

TEST(Weights, FlippedBitsAreReadOrRefused) {
  for (const WeightsFormat format : formats) {
    const std::string text = bytes_in(format);
    std::uint32_t state = 1;
    const auto draw = [&](std::size_t below) {
      state = state * 1664525u + 1013904223u;
      return (state >> 8) % below;
    };
    int refused = 0;
    for (int i = 0; i < 4000; ++i) {
      std::string damaged = text;
      for (std::size_t flips = 1 + draw(4); flips > 0; --flips) {
        damaged[draw(text.size())] ^= static_cast<char>(1 << draw(8));
      }
      refused += !reads(damaged);
    }
    EXPECT_GT(refused, 500);
  }
}

TEST(Weights, TheFormatIsToldByContent) {
  const Folder folder;
  for (const WeightsFormat format : formats) {
    for (const char* name : {"a.json", "a.safetensors", "a"}) {
      write_weights(test::sample(), folder / name, format);
      test::expect_same_tensors(read_weights(folder / name), test::sample());
    }
  }
}

TEST(Weights, SafetensorsOfAnyHeaderLengthAreTold) {
  for (std::size_t length = 64; length < 1024; ++length) {  // one begins as a pickle does, one as an archive
    std::string header = R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})";
    header.resize(length, ' ');
    std::string bytes(8, '\0');
    for (std::size_t i = 0; i < 8; ++i) bytes[i] = static_cast<char>(length >> 8 * i);
    bytes += header + std::string("\0\0\x80\x3f", 4);
    const WeightsFile file = read_text(bytes);
    ASSERT_EQ(file.tensors.size(), 1u) << length;
    EXPECT_TENSOR_EQ(file.tensors[0].value, tensor({1})) << length;
  }
}

TEST(Weights, JsonThatIsOfNeitherFormIsToldBoth) {
  for (const char* text : {
           "[1, 2]",
           R"({"epoch": 90, "state_dict": {"fc.bias": [1, 2]}})",
           R"({"fc.bias": "AACAPw=="})",
           R"({"fc.bias": {"dtype": "float32", "shape": [1], "data": ["AACAPw=="]}})",
           R"({"labels": ["cat", "dog"]})",
           R"({"fc.bias": null})",
           R"({"format": "onnx", "version": 1})",
           R"({"version": 1, "format": "minnow", "tensors": {}})",
       }) {
    expect_error([&] { test::read_text(text); }, R"(weights in JSON are {"NAME": numbers in nested lists, ...} or)");
    expect_error([&] { test::read_text(text); },
                 R"(with "format" first, {"format": "minnow", "version": 1, "tensors")");
  }
  expect_error([] { test::read_text(R"({"state_dict": {"fc.bias": [1, 2]}})"); },
               R"(at byte 16, tensor "state_dict": an object does not belong here; weights in JSON are)");
}

TEST(Weights, WhatIsNoWeightsIsRefusedByNameOfTheFile) {
  const Folder folder;
  const auto expect_refused = [&](const std::string& name, const std::string& message) {
    expect_error([&] { read_weights(folder / name); }, message);
    expect_error([&] { read_weights(folder / name); }, (folder / name).string());
  };
  put(folder / "empty", "");
  expect_refused("empty", "the file is empty");
  expect_refused("absent", "No such file");
  expect_refused("", "this is a folder");
  put(folder / "text", "hello, this is text");
  expect_refused("text", "neither JSON nor safetensors");
  put(folder / "blank", "   \n ");
  expect_refused("blank", "neither JSON nor safetensors");
  put(folder / "net.pth", std::string("PK\3\4\0\0\x08\x08\0\0archive", 17));
  expect_refused("net.pth", "torch.save");
  put(folder / "old.pth", "\x80\2\x8a\nlong pickle");
  expect_refused("old.pth", "torch.save");
  put(folder / "deep", std::string(100'000, '['));
  expect_refused("deep", "does not belong here");
  put(folder / "deeper", "{\"a\": " + std::string(100'000, '['));
  expect_refused("deeper", "more than 8 dimensions");
  put(folder / "objects", [] {
    std::string text;
    for (int i = 0; i < 100'000; ++i) text += "{\"a\":";
    return text;
  }());
  expect_refused("objects", "does not belong here");
}

TEST(Weights, AnErrorNamesThePlaceInTheFile) {
  const Folder folder;
  put(folder / "a.json", R"({"conv1.weight": [[1.0, 2.0], [3.0]]})");
  try {
    read_weights(folder / "a.json");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.what(), str((folder / "a.json").string(), ": at byte 35, tensor \"conv1.weight\": the lists are ",
                                "ragged: those at one depth differ in length"));
  }
}

TEST(Weights, ASaveThatFailsLeavesTheOldFile) {
  const Folder folder;
  for (const WeightsFormat format : formats) {
    write_weights(test::sample(), folder / "a", format);
    const std::string before = content(folder / "a");
    WeightsFile twice = test::sample();
    twice.tensors.push_back(twice.tensors.front());
    expect_error([&] { write_weights(twice, folder / "a", format); }, "two tensors are called");
    EXPECT_EQ(content(folder / "a"), before);
    EXPECT_EQ(folder.size(), 1u);
  }
}

TEST(Weights, TheNameSaysTheFormatToWrite) {
  EXPECT_EQ(format_of("a/b.json"), WeightsFormat::minnow);
  EXPECT_EQ(format_of("b.safetensors"), WeightsFormat::safetensors);
  expect_error([] { format_of("b.pth"); }, "b.pth");
}

TEST(Weights, TheFileThatComesWithTheProjectIsWhole) {
  const WeightsFile file = read_weights(MINNOW_SOURCE_DIR "/weights/resnet20-cifar10.json");
  EXPECT_EQ(file.model, "resnet20");
  EXPECT_EQ(file.options.at("num_classes"), 10);
  ASSERT_EQ(file.labels.size(), 10u);
  EXPECT_EQ(file.labels[8], "ship");
  ASSERT_TRUE(file.preset.has_value());
  EXPECT_EQ(file.preset->resize, 32);
  EXPECT_EQ(file.preset->mean[0], 0.4914f);
  EXPECT_EQ(file.provenance.size(), 3u);
  EXPECT_EQ(file.tensors.size(), 128u);

  const std::string original = MINNOW_SHARED_DIR "/weights/resnet20_cifar10_ours.safetensors";
  if (!std::filesystem::exists(original)) GTEST_SKIP() << "the file it was made from is not here";
  const WeightsFile source = read_weights(original);
  for (const NamedTensor& tensor : source.tensors) {
    ASSERT_NE(file.find(tensor.name), nullptr) << tensor.name;
    EXPECT_TENSOR_EQ(*file.find(tensor.name), tensor.value);
  }
}

}  // namespace
