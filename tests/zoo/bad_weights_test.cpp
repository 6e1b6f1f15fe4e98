#include <sys/stat.h>

#include <filesystem>

#include <minnow/nn/serialize.h>
#include <minnow/zoo/classifier.h>
#include <minnow/zoo/zoo.h>

#include "io/measured.h"
#include "io/weights_support.h"

// Every kind of bad file of weights, through every public reader: one error that names the file and the place, soon,
// in little memory, and the model keeps its bits.

namespace minnow::zoo {
namespace {

using test::Folder;
using test::safetensors;

struct BadFile {
  const char* kind;
  std::string text;
  std::string place;  // what the error has to say
};

std::string times(std::size_t count, const std::string& text) {
  std::string result;
  for (std::size_t i = 0; i < count; ++i) result += text;
  return result;
}

// Minnow's own file with this in its outermost object, and with these fields of its one tensor.
std::string minnow_file(const std::string& rest) { return R"({"format": "minnow", "version": 1, )" + rest; }
std::string minnow_tensor(const std::string& fields) {
  return minnow_file(R"("model": {"name": "resnet20"}, "tensors": {"fc.bias": {)" + fields + "}}}");
}

std::string entry(const std::string& dtype, const std::string& shape, const std::string& offsets) {
  return str(R"("fc.bias":{"dtype":")", dtype, R"(","shape":)", shape, R"(,"data_offsets":)", offsets, "}");
}

// A file that begins with the length of a header that it does not have.
std::string with_length(std::uint64_t length) {
  std::string text = safetensors("{}", 100);
  std::memcpy(text.data(), &length, sizeof length);
  return text;
}

std::vector<BadFile> nested_lists() {
  const std::string bias = R"({"fc.bias": )", tensor = "tensor \"fc.bias\"";
  return {
      {"an empty file", "", "the file is empty"},
      {"blanks", times(1000, " \n"), "neither JSON nor safetensors"},
      {"no weights at all",
       "\x7f"
       "ELF\x02\x01\x01",
       "neither JSON nor safetensors"},
      {"truncated in a number", bias + "[1.0, 2.", "at byte 20, " + tensor},
      {"truncated in a string", "{\"fc.bi", "at byte 7"},
      {"truncated behind a tensor", bias + "[1.0, 2.0]", "at byte 22"},
      {"a text for a number", bias + R"(["1.0"]})", tensor + ": a string does not belong here"},
      {"true for a number", bias + "[true]}", tensor + ": true does not belong here"},
      {"null for a number", bias + "[1.0, null]}", tensor + ": null does not belong here"},
      {"an object for a number", bias + "[{}]}", tensor + ": an object does not belong here"},
      {"NaN", bias + "[1.0, NaN]}", tensor + ": NaN and Infinity are not JSON"},
      {"-Infinity", bias + "[-Infinity]}", tensor + ": NaN and Infinity are not JSON"},
      {"nan", bias + "[nan]}", tensor + ": syntax error"},
      {"a number beyond float", bias + "[1e39]}", tensor + ": number overflow"},
      {"a number beyond double", bias + "[-1e999999999]}", tensor + ": number overflow"},
      {"a number beyond 64 bits", bias + "[9223372036854775808]}", tensor + ": the number 9223372036854775808"},
      {"ragged lists", bias + "[[1.0, 2.0], [3.0]]}", tensor + ": the lists are ragged"},
      {"lists of another shape", bias + "[[1.0, 2.0]]}",
       "misshapen fc.bias: expected float32 [10], got float32 [1, 2]"},
      {"nine dimensions", bias + "[[[[[[[[[1]]]]]]]]]}", tensor + ": more than 8 dimensions"},
      {"100,000 brackets", times(100'000, "["), "at byte 1: an array does not belong here"},
      {"100,000 brackets in a tensor", bias + times(100'000, "["), tensor + ": more than 8 dimensions"},
      {"100,000 braces", times(100'000, "{\"a\":"), "at byte 6, tensor \"a\": an object does not belong here"},
      {"a tensor twice", bias + R"([1.0], "fc.bias": [1.0]})", "the key \"fc.bias\" stands twice"},
      {"a name that is not UTF-8", "{\"fc.\xff\": [1.0]}", "at byte 6"},
      {"a name with half a character", "{\"\\ud800\": [1.0]}", "at byte 9"},
      {"a name without end", "{\"" + std::string(5'000'000, 'a'), "no value for more than"},
      {"a name that fills the screen", "{\"" + std::string(200'000, 'a') + "\": null}", "null does not belong here"},
      {"a number without end", bias + std::string(5'000'000, '1'), "no value for more than"},
      {"blanks without end", bias + std::string(5'000'000, ' '), "no value for more than"},
      {"a name of lines", R"({"fc\n.bias\u001b[2J": null})", R"(tensor "fc\n.bias\u001b[2J": null)"},
      {"80,000 names",
       [] {
         std::string text = "{";
         for (int i = 0; i < 80'000; ++i) text += str('"', i, "\":0,");
         return text;
       }(),
       "the keys of objects that are open take more than 4 MiB"},
      {"long names",
       [] {
         std::string text = "{";
         for (int i = 0; i < 3; ++i) text += str('"', std::string(200'000, 'a'), i, "\":0,");
         return text + "\"b\":0}";
       }(),
       "aaaa..."},
      {"no tensors", "{}", "missing conv1.weight"},
      {"another's tensors", R"({"fc.baas": [1.0]})", "unexpected fc.baas (nearest in the model: fc.bias)"},
      {"two texts", bias + "[1.0]} {}", "at byte 20"},
  };
}

std::vector<BadFile> minnow_json() {
  const std::string f32 = R"("dtype": "float32", )", one = R"("shape": [1], )", tensor = "tensor \"fc.bias\"";
  return {
      {"truncated in base64", minnow_tensor(f32 + one + R"("data": ["AACA)"), tensor + ": syntax error"},
      {"truncated behind the tensors", minnow_file(R"("tensors": {})"), "syntax error"},
      {"of another version", R"({"format": "minnow", "version": 2})", "\"version\": version 2"},
      {"of no version", R"({"format": "minnow"})", "\"version\" is missing"},
      {"an unknown dtype", minnow_tensor(R"("dtype": "float8", )" + one + R"("data": ["AACAPw=="])"), "\"float8\""},
      {"a number for a dtype", minnow_tensor(R"("dtype": 1)"), tensor + ": a number does not belong here"},
      {"NaN in a shape", minnow_tensor(f32 + R"("shape": [NaN])"), tensor + ": NaN and Infinity are not JSON"},
      {"NaN in the preset", minnow_file(R"("preset": {"mean": [NaN, 0, 0]}})"),
       "\"preset\", \"mean\": NaN and Infinity"},
      {"a negative size", minnow_tensor(f32 + R"("shape": [-1])"), tensor + ": the size -1 is negative"},
      {"a size beyond 64 bits", minnow_tensor(f32 + R"("shape": [18446744073709551616])"), tensor},
      {"a shape beyond 64 bits", minnow_tensor(f32 + R"("shape": [4294967296, 4294967296], "data": ["AACAPw=="])"),
       tensor + ": the shape [4294967296, 4294967296] has more elements than"},
      {"bytes beyond 64 bits", minnow_tensor(f32 + R"("shape": [4611686018427387904], "data": [])"),
       tensor + ": there are 0 bytes of data, which do not fill the shape [4611686018427387904]"},
      {"a shape beyond memory", minnow_tensor(f32 + R"("shape": [1000000000000], "data": ["AACAPw=="])"),
       tensor + ": there are 4 bytes of data, which do not fill the shape [1000000000000]"},
      {"another shape", minnow_tensor(f32 + one + R"("data": ["AACAPw=="])"),
       "misshapen fc.bias: expected float32 [10], got float32 [1]"},
      {"no shape", minnow_tensor(f32 + R"("data": ["AACAPw=="])"), tensor + ": the shape is missing"},
      {"no data", minnow_tensor(f32 + R"("shape": [1])"), tensor + ": there are 0 bytes of data"},
      {"base64 of a wrong length", minnow_tensor(f32 + one + R"("data": ["AACAPw="])"),
       tensor + ": a base64 string of 7 characters"},
      {"base64 for another shape", minnow_tensor(f32 + R"("shape": [2], "data": ["AACAPw=="])"),
       tensor + ": there are 4 bytes of data, which do not fill the shape [2]"},
      {"a character outside of base64", minnow_tensor(f32 + one + R"("data": ["AACA!w=="])"), tensor + ": character 4"},
      {"padding in the middle", minnow_tensor(f32 + one + R"("data": ["AA==PwAA"])"), tensor + ": character 2"},
      {"numbers for base64", minnow_tensor(f32 + one + R"("data": [1.0])"), tensor},
      {"a field twice", minnow_tensor(f32 + f32 + one), tensor + ": the key \"dtype\" stands twice"},
      {"a tensor twice", minnow_file(R"("tensors": {"a": {"dtype": "int64", "shape": [0], "data": []}, "a": {}}})"),
       "the key \"a\" stands twice"},
      {"100,000 brackets in a shape", minnow_tensor(R"("shape": )" + times(100'000, "[")), tensor + ": an array"},
      {"100,000 brackets in what is unknown", minnow_file(R"("note": )" + times(100'000, "[")), "64 brackets"},
      {"150,000 labels", minnow_file("\"labels\": [" + times(150'000, "\"a\",")), "texts take more than 4 MiB"},
      {"labels that are not UTF-8", minnow_file("\"labels\": [\"\xc3\x28\"]}"), "\"labels\": syntax error"},
  };
}

std::vector<BadFile> safetensors_files() {
  const std::string tensor = "tensor \"fc.bias\"", good = entry("F32", "[2]", "[0,8]");
  const auto file = [](const std::string& entries) { return safetensors("{" + entries + "}", 8); };
  const auto of = [&](const char* dtype, const char* shape, const char* offsets) {
    return file(entry(dtype, shape, offsets));
  };
  return {
      {"truncated in the length", std::string("\x40\0\0", 3), "the file is truncated: it has 3 bytes"},
      {"truncated in the header", file(good).substr(0, 40), "is longer than the file of 40"},
      {"truncated in the data", file(good).substr(0, file(good).size() - 1), tensor + ": bytes 0 to 8 are not in"},
      {"a header longer than the file", with_length(103), "a header of 103 bytes is longer than the file"},
      {"a header of 2^63 bytes", with_length(std::uint64_t{1} << 63), "is longer than the file"},
      {"a header of 2^64 - 1 bytes", with_length(~std::uint64_t{0}), "is longer than the file"},
      {"no header", with_length(0), "syntax error"},
      {"zeros", std::string(1 << 20, '\0'), "syntax error"},
      {"a header of blanks", safetensors(std::string(5'000'000, ' '), 8), "no value for more than"},
      {"a header of brackets", safetensors(times(100'000, "["), 8), "an array does not belong here"},
      {"100,000 brackets", file("\"fc.bias\":" + times(100'000, "[")), tensor + ": an array does not belong here"},
      {"a number for a tensor", file(R"("fc.bias":2)"), tensor + ": a number does not belong here"},
      {"NaN for an offset", of("F32", "[2]", "[NaN,8]"), tensor + ": NaN and Infinity are not JSON"},
      {"a fraction for a size", of("F32", "[2.0]", "[0,8]"), tensor + ": 2.0 does not belong here"},
      {"a negative size", of("F32", "[-2]", "[0,8]"), tensor + ": the size -2 is negative"},
      {"a negative offset", of("F32", "[2]", "[-8,0]"), tensor + ": the offset -8 is negative"},
      {"a shape beyond 64 bits", of("F32", "[4294967296,4294967296]", "[0,8]"), tensor + ": the shape"},
      {"bytes beyond 64 bits", of("F32", "[4611686018427387906]", "[0,8]"), tensor + ": its 8 bytes do not fill"},
      {"a size beyond 64 bits", of("F32", "[18446744073709551616]", "[0,8]"), tensor},
      {"nine dimensions", of("F32", "[1,1,1,1,1,1,1,1,2]", "[0,8]"), tensor + ": a shape has at most 8 dimensions"},
      {"another shape than its bytes", of("F32", "[3]", "[0,8]"), tensor + ": its 8 bytes do not fill the shape [3]"},
      {"another shape than the model's", of("F32", "[2]", "[0,8]"), "misshapen fc.bias: expected float32 [10], got"},
      {"an offset out of range", of("F32", "[2]", "[0,12]"), tensor + ": bytes 0 to 12 are not in the data of 8 bytes"},
      {"an offset far out of range", of("F64", "[1000000000000]", "[0,8000000000000]"), tensor + ": bytes 0 to"},
      {"offsets the wrong way round", of("F32", "[2]", "[8,0]"), tensor + ": bytes 8 to 0 are not in the data"},
      {"overlapping tensors", file(good + R"(,"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]})"),
       "tensor \"b\" begins at byte 4 of the data, where another one lies"},
      {"a gap", of("F32", "[1]", "[4,8]"), tensor + " begins at byte 4 of the data, where a gap ends"},
      {"bytes that are nobody's", of("F32", "[1]", "[0,4]"), "the data have 8 bytes, of which the tensors fill 4"},
      {"an unknown dtype", of("F8_E4M3", "[8]", "[0,8]"), tensor + ": the dtype \"F8_E4M3\""},
      {"no dtype", file(R"("fc.bias":{"shape":[2],"data_offsets":[0,8]})"), tensor + ": dtype, shape and two"},
      {"a tensor twice", file(good + ',' + good), "the key \"fc.bias\" stands twice"},
      {"a name that is not UTF-8", file("\"fc.\xff\":1"), "syntax error"},
      {"names that fill the screen", file('"' + std::string(100'000, 'a') + R"(":{"dtype":"F8"})"), "dtype, shape and"},
  };
}

// What may read a file: everything public.
using Reader = std::function<void(nn::Module&)>;

class Readers : public testing::Test {
 protected:
  // All readers in one process, for speed.
  void expect_refused(const std::vector<std::pair<std::string, Reader>>& readers, const std::string& place) {
    const test::Measured result = test::measure([&] {
      std::string errors;
      for (const auto& [name, read] : readers) {
        const std::clock_t start = std::clock();
        try {
          read(*model_);
          throw Error(name + ": no error");
        } catch (const Error& error) {
          if (std::clock() - start > test::kBadFileSeconds * CLOCKS_PER_SEC) errors += "slow: ";
          const std::string_view message = error.what();
          if (!message.starts_with(name + ": ")) errors += "not named: ";
          if (message.find(place) == std::string::npos) errors += "not placed: ";
          if (message.size() > 20'000) errors += "endless: ";
          if (errors.ends_with(": ")) errors += message.substr(0, 1000);
          errors += changes();
        }
      }
      throw Error(errors);
    });
    EXPECT_FALSE(result.crashed);
    EXPECT_EQ(result.error, "");
    EXPECT_LT(result.mebibytes, test::kBadFileMebibytes);
  }

  static std::vector<std::pair<std::string, Reader>> readers_of(const std::filesystem::path& path) {
    return {{path.string(), [path](nn::Module& model) { load(model, path); }},
            {path.string(), [path](nn::Module&) { open(path, {.model = "resnet20"}); }}};
  }

  std::string changes() const {
    const WeightsFile after = nn::weights_of(*model_);
    for (std::size_t i = 0; i < after.tensors.size(); ++i) {
      const Tensor &now = after.tensors[i].value, &before = before_.tensors[i].value;
      if (std::memcmp(now.storage().get(), before.storage().get(), static_cast<std::size_t>(now.nbytes())) != 0) {
        return after.tensors[i].name + " has changed";
      }
    }
    return "";
  }

  nn::AnyModule model_ = create("resnet20");
  const WeightsFile before_ = nn::weights_of(create("resnet20"));  // drawn alike: by seed and name
};

class BadWeights : public Readers,
                   public testing::WithParamInterface<std::pair<const char*, std::vector<BadFile> (*)()>> {};

TEST_P(BadWeights, AreRefusedByNameAndPlaceSoonAndInLittleMemory) {
  const Folder folder;
  for (const BadFile& file : GetParam().second()) {
    SCOPED_TRACE(file.kind);
    test::put(folder / "bad", file.text);
    const auto bytes = std::as_bytes(std::span(file.text));
    auto readers = readers_of(folder / "bad");
    readers.emplace_back("weights in memory", [&](nn::Module& model) { load(model, bytes); });
    readers.emplace_back("weights in memory", [&](nn::Module&) { open(bytes, {.model = "resnet20"}); });
    expect_refused(readers, file.place);
  }
}

INSTANTIATE_TEST_SUITE_P(, BadWeights,
                         testing::Values(std::pair("lists", &nested_lists), std::pair("minnow", &minnow_json),
                                         std::pair("safetensors", &safetensors_files)),
                         [](const auto& test) { return test.param.first; });

using BadWeightsPaths = Readers;
TEST_F(BadWeightsPaths, WhatIsNoFileOrEndlessIsRefused) {
  const Folder folder;
  const auto expect = [&](const std::filesystem::path& path, const std::string& place) {
    SCOPED_TRACE(path);
    expect_refused(readers_of(path), place);
  };
  expect(folder / "absent", "No such file");
  expect(folder / "", "this is a folder");
  expect("/dev/zero", "this is no regular file");
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  expect(folder / "pipe", "this is no regular file");
  std::filesystem::create_symlink("loop", folder / "loop");
  expect(folder / "loop", "cannot open");
  for (const std::string& start :
       std::vector<std::string>{"", R"({"fc.bias": [0)", "{\"fc.bias\": \"", minnow_file("\"labels\": [\"")}) {
    test::put(folder / "sparse", start);
    std::filesystem::resize_file(folder / "sparse", std::uintmax_t{10} << 30);  // zeros that take no place
    expect(folder / "sparse", start.empty() ? "syntax error" : "a zero byte is not JSON");
  }
}

// 10 GB of doubles, of which nothing may be converted: neither for a shape nor for a name that the model does not have.
TEST_F(BadWeightsPaths, OtherDtypesAreNotConvertedBeforeTheyFit) {
  const Folder folder;
  constexpr std::int64_t count = 1'250'000'000;
  for (const auto& [name, place] : {std::pair("conv1.weight", "misshapen conv1.weight: expected float32 [16, 3, 3, 3]"),
                                    std::pair("conv2.weight", "unexpected conv2.weight")}) {
    const std::string text = safetensors(
        str("{\"", name, R"(":{"dtype":"F64","shape":[)", count, R"(],"data_offsets":[0,)", count * 8, "]}}"), 0);
    test::put(folder / "large", text);
    std::filesystem::resize_file(folder / "large", text.size() + std::uintmax_t{count} * 8);
    expect_refused(readers_of(folder / "large"), place);
  }
}

}  // namespace
}  // namespace minnow::zoo
