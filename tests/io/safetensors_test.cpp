#include "io/weights_support.h"

namespace {

using namespace minnow;
using test::content;
using test::expect_error;
using test::Folder;
using test::put;
using test::read_text;
using test::safetensors;

TEST(Safetensors, EverythingComesBackToTheBit) {
  const Folder folder;
  WeightsFile file = test::sample();
  file.model = "resnet20";
  file.options = {{"num_classes", 10}};
  file.preset = Preset{.resize = 32, .crop = 32};
  file.labels = {"cat", "d\"og"};
  file.tensors.push_back({"nan", tensor({std::nanf(""), INFINITY})});
  write_weights(file, folder / "a.safetensors");
  for (const WeightsFile& back :
       {read_weights(folder / "a.safetensors"), read_text(content(folder / "a.safetensors"))}) {
    test::expect_same_tensors(back, file);
    EXPECT_EQ(back.model, file.model);
    EXPECT_EQ(back.options, file.options);
    EXPECT_EQ(back.preset, file.preset);
    EXPECT_EQ(back.labels, file.labels);
  }
}

TEST(Safetensors, AMegabyteOfLabelsComesBack) {
  const Folder folder;
  WeightsFile file = test::sample();
  for (int i = 0; i < 30'000; ++i) file.labels.push_back("a kind of thing that has number " + std::to_string(i));
  write_weights(file, folder / "a.safetensors");
  EXPECT_EQ(read_weights(folder / "a.safetensors").labels, file.labels);
}

TEST(Safetensors, MappedTensorsAreNotCopiedAndWritableInPrivate) {
  const Folder folder;
  write_weights({.tensors = {{"a", arange(100)}, {"b", arange(7)}}}, folder / "a.safetensors");
  const std::string before = content(folder / "a.safetensors");
  WeightsFile file = read_weights(folder / "a.safetensors");
  Tensor a = file.tensors[0].value, b = file.tensors[1].value;
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(a.data()) % 64, 0u);
  EXPECT_EQ(b.data(), a.data() + 100);  // one map
  a.data()[0] = 5.0f;
  file = {};
  EXPECT_EQ(a.at({0}), 5.0f);
  EXPECT_EQ(b.at({6}), 6.0f);
  EXPECT_EQ(content(folder / "a.safetensors"), before);
}

TEST(Safetensors, ReplacingTheFileThatIsMappedIsSafe) {
  const Folder folder;
  write_weights({.tensors = {{"a", arange(1000)}}}, folder / "a.safetensors");
  WeightsFile file = read_weights(folder / "a.safetensors");
  file.tensors.push_back({"b", arange(3)});
  write_weights(file, folder / "a.safetensors");
  EXPECT_TENSOR_EQ(file.tensors[0].value, arange(1000));
  test::expect_same_tensors(read_weights(folder / "a.safetensors"), file);
}

TEST(Safetensors, OtherDtypesBecomeOurs) {
  const std::string header = R"({"f64":{"dtype":"F64","shape":[2],"data_offsets":[0,16]},
    "f16":{"dtype":"F16","shape":[6],"data_offsets":[16,28]}, "bf16":{"dtype":"BF16","shape":[2],"data_offsets":[28,32]},
    "i32":{"dtype":"I32","shape":[1],"data_offsets":[32,36]}, "i8":{"dtype":"I8","shape":[2],"data_offsets":[36,38]},
    "u8":{"dtype":"U8","shape":[1],"data_offsets":[38,39]}, "bool":{"dtype":"BOOL","shape":[1],"data_offsets":[39,40]}})";
  std::string text = safetensors(header, 0);
  const auto add = [&](const auto&... values) {
    (text.append(reinterpret_cast<const char*>(&values), sizeof values), ...);
  };
  using U16 = std::uint16_t;
  add(0.1, -2.5);
  add(U16{0x3C00}, U16{0xC100}, U16{0x0001}, U16{0x7C00}, U16{0x8000}, U16{0x3555});
  add(U16{0x3F80}, U16{0xC020});
  add(std::int32_t{-7}, std::int8_t{-1}, std::int8_t{5}, std::uint8_t{255}, std::uint8_t{1});
  const WeightsFile file = read_text(text);
  EXPECT_TENSOR_EQ(*file.find("f64"), tensor({0.1f, -2.5f}));
  EXPECT_TENSOR_EQ(*file.find("f16"), tensor({1.0f, -2.5f, 5.9604645e-8f, INFINITY, -0.0f, 0.33325195f}));
  EXPECT_TENSOR_EQ(*file.find("bf16"), tensor({1.0f, -2.5f}));
  const std::int64_t integers[] = {-7, -1, 5, 255, 1};
  EXPECT_TENSOR_EQ(*file.find("i32"), tensor(std::span(integers).subspan(0, 1), {1}));
  EXPECT_TENSOR_EQ(*file.find("i8"), tensor(std::span(integers).subspan(1, 2), {2}));
  EXPECT_TENSOR_EQ(*file.find("u8"), tensor(std::span(integers).subspan(3, 1), {1}));
  EXPECT_TENSOR_EQ(*file.find("bool"), tensor(std::span(integers).subspan(4, 1), {1}));
}

TEST(Safetensors, UnalignedTensorsAreCopied) {
  const Folder folder;
  put(folder / "a.safetensors", safetensors(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
                                            R"("b":{"dtype":"F32","shape":[2],"data_offsets":[1,9]}})",
                                            9));
  const WeightsFile file = read_weights(folder / "a.safetensors");
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(file.find("b")->data()) % 4, 0u);
  EXPECT_EQ(file.find("b")->at({1}), file.find("b")->at({0}));
}

TEST(Safetensors, ForeignMetadataIsSkipped) {
  EXPECT_TRUE(read_text(safetensors(R"({"__metadata__":{"format":"pt","note":"x"}})", 0)).tensors.empty());
}

TEST(Safetensors, DamagedHeadersAreRefused) {
  const auto entry = [](const std::string& dtype, const std::string& shape, const std::string& offsets) {
    return str(R"({"fc":{"dtype":")", dtype, R"(","shape":)", shape, R"(,"data_offsets":)", offsets, "}}");
  };
  const std::pair<std::string, const char*> cases[] = {
      {entry("F32", "[2]", "[0,12]"), "are not in the data"},
      {entry("F32", "[2]", "[8,0]"), "are not in the data"},
      {entry("F32", "[2]", "[0,9223372036854775807]"), "are not in the data"},
      {entry("F32", "[2]", "[-8,0]"), "negative"},
      {entry("F32", "[2]", "[0,4]"), "of which the tensors fill 4"},
      {entry("F32", "[2]", "[4,8]"), "a gap ends"},
      {entry("F32", "[2]", "[0]"), "are needed"},
      {entry("F32", "[2]", "[0,8,8]"), "are needed"},
      {entry("F32", "[2]", "8"), "does not belong here"},
      {entry("F32", "[3]", "[0,8]"), "8 bytes do not fill the shape [3]"},
      {entry("I64", "[2]", "[0,8]"), "8 bytes do not fill the shape [2]"},
      {entry("F32", "[-2]", "[0,8]"), "negative"},
      {entry("F32", "[4294967296,4294967296]", "[0,8]"), "more elements than"},
      {entry("F32", "[4611686018427387906]", "[0,8]"), "do not fill"},
      {entry("F32", "[1,1,1,1,1,1,1,1,2]", "[0,8]"), "at most 8"},
      {entry("F32", "[2.0]", "[0,8]"), "does not belong here"},
      {entry("F8_E4M3", "[8]", "[0,8]"), "F8_E4M3"},
      {R"({"fc":{"shape":[2],"data_offsets":[0,8]}})", "are needed"},
      {R"({"fc":[2]})", "does not belong here"},
      {R"({"fc":{"dtype":{}}})", "does not belong here"},
      {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})",
       "another one lies"},
      {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})",
       "twice"},
      {"[]", "does not belong here"},
      {R"({"fc":{"dtype":"F32")", "syntax error"},
      {R"({"__metadata__":{"minnow":"{\"format\":\"minnow\",\"version\":9}"}})", "version 9"},
  };
  for (const auto& [header, message] : cases) {
    expect_error([&, &text = header] { read_text(safetensors(text, 8)); }, message);
  }
}

TEST(Safetensors, AbsurdLengthsAreRefused) {
  const auto with_length = [](std::uint64_t length) {
    std::string text = safetensors("{}", 100);
    std::memcpy(text.data(), &length, sizeof length);
    return text;
  };
  for (const std::uint64_t length : {std::uint64_t{103}, std::uint64_t{1} << 40, ~std::uint64_t{0}}) {
    expect_error([&] { read_text(with_length(length)); }, "is longer than the file");
  }
  expect_error([&] { read_text(with_length(0)); }, "syntax error");
  expect_error([] { read_text(std::string("\2\0\0", 3)); }, "truncated");
}

TEST(Safetensors, AThousandTensorsInAnyOrderOfTheHeader) {
  const Folder folder;
  WeightsFile file;
  for (int i = 0; i < 1000; ++i) {
    file.tensors.push_back({str("t", i * 7919 % 1000), i % 3 ? full({i % 5}, i) : full({}, i, DType::int64)});
  }
  write_weights(file, folder / "a.safetensors");
  test::expect_same_tensors(read_weights(folder / "a.safetensors"), file);
}

}  // namespace
