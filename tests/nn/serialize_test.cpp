#include <minnow/nn/serialize.h>

#include <minnow/core/random.h>
#include <minnow/nn/sequential.h>

#include <ctime>

#include "io/weights_support.h"

namespace minnow::nn {
namespace {

using test::expect_error;
using test::Folder;

struct Layer : Module {
  explicit Layer(std::int64_t outputs = 2) : width(outputs) {}

  std::int64_t width;
  Parameter weight = parameter("weight", {width, 3}, Init::uniform(-1.0f, 1.0f));
  Parameter bias = parameter("bias", {width}, Init::normal(0.0f, 1.0f));
  Parameter counter = buffer("num_batches_tracked", {}, Init::constant(0.0f), DType::int64);

  Tensor forward(const Tensor& x) const override { return x; }
};

struct SavedNet : Module {
  Child<Layer> stem = add("stem", Layer(2));
  Child<Layer> head = add("head", Layer(5));

  Tensor forward(const Tensor& x) const override { return head(stem(x)); }
};

WeightsFile weights() {
  WeightsFile file = weights_of(SavedNet());
  float next = 0.5f;
  for (NamedTensor& tensor : file.tensors) {
    tensor.value = full(tensor.value.shape(), tensor.value.dtype() == DType::float32 ? next : 7, tensor.value.dtype());
    next *= 1.7f;
  }
  return file;
}

void erase(WeightsFile& file, const std::string& name) {
  std::erase_if(file.tensors, [&](const NamedTensor& tensor) { return tensor.name == name; });
}

void expect_holds(const Module& module, const WeightsFile& file) {
  for (const NamedTensor& tensor : file.tensors) {
    EXPECT_TENSOR_EQ(module.state_dict()[tensor.name].value(), tensor.value);
  }
}

// A model of which nobody used a value: whatever was drawn or loaded would show.
void expect_untouched(const Module& module) {
  for (const NamedParameter& entry : module.state_dict()) EXPECT_FALSE(entry.parameter.has_value()) << entry.name;
}

TEST(Serialize, SavingAndLoadingGivesTheSameBitsInEveryFormat) {
  const Folder folder;
  SavedNet net;
  load(net, weights());
  for (const char* name : {"a.json", "a.safetensors"}) {
    save(net, folder / name);
    SavedNet other;
    EXPECT_TRUE(load(other, folder / name).empty());
    expect_holds(other, weights());
    SavedNet from_bytes;
    const std::string bytes = test::content(folder / name);
    load(from_bytes, std::as_bytes(std::span(bytes)));
    expect_holds(from_bytes, weights());
  }
  save(net, folder / "lists", {.format = WeightsFormat::lists});
  SavedNet other;
  load(other, (folder / "lists").string());
  expect_holds(other, weights());
}

TEST(Serialize, SavingDrawsWhatNobodyLoaded) {
  const Folder folder;
  manual_seed(3);
  const SavedNet net;
  save(net, folder / "a.safetensors");
  manual_seed(4);
  SavedNet other;
  load(other, folder / "a.safetensors");
  EXPECT_TENSOR_EQ(other.head->weight.value(), net.head->weight.value());
}

TEST(Serialize, TensorsOfAMapAreTakenOverWithoutACopy) {
  const Folder folder;
  write_weights(weights(), folder / "a.safetensors");
  SavedNet net;
  load(net, folder / "a.safetensors");
  const float* weight = net.stem->weight.value().data();
  EXPECT_EQ(net.stem->bias.value().data(), weight + 6);
}

TEST(Serialize, AFileInMemoryIsCopiedUnlessItIsGivenAway) {
  WeightsFile file = weights();
  const float* data = file.find("stem.weight")->data();
  SavedNet copying, taking;
  load(copying, file);
  load(taking, std::move(file));
  EXPECT_NE(copying.stem->weight.value().data(), data);
  EXPECT_EQ(taking.stem->weight.value().data(), data);
}

TEST(Serialize, AllThatDoesNotFitIsListedInOneErrorWithTheNearestNames) {
  WeightsFile file = weights();
  erase(file, "stem.bias");
  erase(file, "head.weight");
  file.tensors.push_back({"stem.bais", zeros({2})});
  file.tensors.push_back({"haed.weight", zeros({5, 3})});
  file.tensors.push_back({"something.else.entirely", zeros({5, 3})});
  for (NamedTensor& tensor : file.tensors) {
    if (tensor.name == "stem.weight") tensor.value = zeros({2, 4});
  }
  SavedNet net;
  try {
    load(net, file);
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "the weights do not fit the model: 2 missing, 3 unexpected, 1 misshapen\n"
                 "  missing stem.bias (nearest in the file: stem.bais)\n"
                 "  missing head.weight (nearest in the file: haed.weight)\n"
                 "  unexpected stem.bais (nearest in the model: stem.bias)\n"
                 "  unexpected haed.weight (nearest in the model: head.weight)\n"
                 "  unexpected something.else.entirely\n"
                 "  misshapen stem.weight: expected float32 [2, 3], got float32 [2, 4]");
  }
  expect_untouched(net);
}

TEST(Serialize, TheErrorNamesTheFile) {
  const Folder folder;
  WeightsFile file = weights();
  erase(file, "stem.bias");
  write_weights(file, folder / "a.json");
  SavedNet net;
  expect_error([&] { load(net, folder / "a.json"); }, (folder / "a.json").string() + ": the weights do not fit");
  expect_error([&] { load(net, folder / "absent.json"); }, (folder / "absent.json").string());
  expect_untouched(net);
}

TEST(Serialize, WithoutStrictTheRestIsLoadedAndReported) {
  WeightsFile file = weights();
  erase(file, "stem.bias");
  file.tensors.push_back({"extra", zeros({1})});
  for (NamedTensor& tensor : file.tensors) {
    if (tensor.name == "head.bias") tensor.value = zeros({4});
  }
  SavedNet net;
  const LoadReport report = load(net, file, {.strict = false});
  ASSERT_EQ(report.missing.size(), 1u);
  EXPECT_EQ(report.missing[0].name, "stem.bias");
  ASSERT_EQ(report.unexpected.size(), 1u);
  EXPECT_EQ(report.unexpected[0].name, "extra");
  ASSERT_EQ(report.misshapen.size(), 1u);
  EXPECT_EQ(report.misshapen[0].name, "head.bias");
  EXPECT_EQ(report.misshapen[0].expected.shape, (Shape{5}));
  EXPECT_EQ(report.misshapen[0].found.shape, (Shape{4}));
  EXPECT_TENSOR_EQ(net.stem->weight.value(), *file.find("stem.weight"));
  EXPECT_FALSE(net.stem->bias.has_value());
  EXPECT_FALSE(net.head->bias.has_value());
}

TEST(Serialize, AFailedLoadLeavesTheModelAsItWas) {
  SavedNet net;
  load(net, weights());
  const float* before = net.stem->weight.value().data();
  WeightsFile file = weights();
  erase(file, "head.bias");
  for (NamedTensor& tensor : file.tensors) tensor.value = zeros(tensor.value.shape(), tensor.value.dtype());
  expect_error([&] { load(net, file); }, "1 missing");
  EXPECT_EQ(net.stem->weight.value().data(), before);
  expect_holds(net, weights());
}

TEST(Serialize, CountersMayBeAbsentAndKeepTheirValue) {
  WeightsFile file = weights();
  erase(file, "stem.num_batches_tracked");
  erase(file, "head.num_batches_tracked");
  SavedNet net;
  net.stem->counter.assign(full({}, 3, DType::int64));
  EXPECT_TRUE(load(net, file).empty());
  EXPECT_EQ(net.stem->counter.value().item<std::int64_t>(), 3);
}

TEST(Serialize, AScalarMayBeAVectorOfOne) {
  WeightsFile file = weights();
  file.tensors[2].value = full({1}, 9, DType::int64);
  SavedNet net;
  load(net, file);
  EXPECT_TENSOR_EQ(net.stem->counter.value(), full({}, 9, DType::int64));
  file.tensors[2].value = full({2}, 9, DType::int64);
  expect_error([&] { load(net, file); }, "expected int64 [], got int64 [2]");
}

TEST(Serialize, ALeadingModuleIsUnderstood) {
  WeightsFile file = weights();
  for (NamedTensor& tensor : file.tensors) tensor.name = "module." + tensor.name;
  SavedNet net;
  EXPECT_TRUE(load(net, file).empty());
  EXPECT_TENSOR_EQ(net.stem->weight.value(), *weights().find("stem.weight"));

  file.tensors.push_back({"stem.weight", zeros({2, 3})});
  EXPECT_EQ(load(net, file, {.strict = false}).unexpected.size(), 1u);

  file.tensors.pop_back();
  file.tensors.front().name = "module.stm.weight";
  const LoadReport report = load(net, file, {.strict = false});
  ASSERT_EQ(report.missing.size(), 1u);
  EXPECT_EQ(report.missing[0].nearest, "module.stm.weight");
  EXPECT_EQ(report.unexpected.at(0).nearest, report.missing[0].name);
}

TEST(Serialize, AModelMayHaveAModuleCalledModule) {
  struct Wrapped : Module {
    Child<SavedNet> module = add("module", SavedNet());
    Tensor forward(const Tensor& x) const override { return module(x); }
  };
  Wrapped wrapped;
  load(wrapped, weights_of(wrapped));
  EXPECT_EQ(weights_of(wrapped).tensors.front().name, "module.stem.weight");
}

TEST(Serialize, IntegersBecomeFloatsAndWholeFloatsIntegers) {
  WeightsFile file = weights();
  const std::int64_t integers[] = {3, -4};
  for (NamedTensor& tensor : file.tensors) {
    if (tensor.name == "stem.bias") tensor.value = minnow::tensor(std::span(integers), {2});
    if (tensor.name == "stem.num_batches_tracked") tensor.value = full({}, 468.0);
  }
  SavedNet net;
  load(net, file);
  EXPECT_TENSOR_EQ(net.stem->bias.value(), tensor({3.0f, -4.0f}));
  EXPECT_EQ(net.stem->counter.value().item<std::int64_t>(), 468);

  for (NamedTensor& tensor : file.tensors) {
    if (tensor.name == "stem.num_batches_tracked") tensor.value = full({}, 0.5);
  }
  expect_error([&] { load(net, file); }, "stem.num_batches_tracked: expected int64 [], got float32 []");
}

TEST(Serialize, OtherDtypesAreConvertedWhereTheyFit) {
  const Folder folder;
  const double values[] = {0.5, -2.0, 0.1};
  std::string text = test::safetensors(R"({"bias":{"dtype":"F64","shape":[2],"data_offsets":[0,16]},)"
                                       R"("num_batches_tracked":{"dtype":"F64","shape":[1],"data_offsets":[16,24]}})",
                                       0);
  text.append(reinterpret_cast<const char*>(values), sizeof values);
  test::put(folder / "a", text);
  Layer layer;
  const LoadReport report = load(layer, folder / "a", {.strict = false});
  EXPECT_TENSOR_EQ(layer.bias.value(), tensor({0.5f, -2.0f}));
  EXPECT_EQ(report.missing.size(), 1u);
  ASSERT_EQ(report.misshapen.size(), 1u);  // a counter of 0.1
  EXPECT_EQ(report.misshapen[0].name, "num_batches_tracked");
}

TEST(Serialize, AThousandForeignNamesTakeNoQuadraticPatience) {
  WeightsFile file;
  for (int i = 0; i < 1000; ++i) {
    file.tensors.push_back({str("backbone.layer", i / 60, '.', i % 60, ".branch2.conv.weight"), zeros({1})});
  }
  struct Stage : Module {
    Tensor forward(const Tensor& x) const override { return x; }
    Stage() {
      for (int i = 0; i < 1000; ++i) parameter(str("stage", i, "_block_norm_running_variance"), {1}, {});
    }
  };
  Stage stage;
  const std::clock_t start = std::clock();
  expect_error([&] { load(stage, file); }, "1000 missing, 1000 unexpected");
#ifdef MINNOW_SANITIZED
  (void)start;  // an unoptimised, instrumented build's time is not ours
#else
  EXPECT_LT(std::clock() - start, 3 * CLOCKS_PER_SEC);  // 0.5 s
#endif
}

TEST(Serialize, AFileOfVeryManyStrangersIsRefusedInShort) {
  WeightsFile file = weights();
  for (int i = 0; i < 200'000; ++i) file.tensors.push_back({str("stem.weight.", i), zeros({1})});
  SavedNet net;
  const std::clock_t start = std::clock();
  try {
    load(net, file);
    FAIL();
  } catch (const Error& error) {
    const std::string_view message = error.what();
    EXPECT_TRUE(
        message.starts_with("the weights do not fit the model: 0 missing, 200000 unexpected, 0 misshapen\n"
                            "  unexpected stem.weight.0\n"));
    EXPECT_TRUE(message.ends_with("\n  and 199000 more unexpected"));
  }
  expect_untouched(net);
#ifdef MINNOW_SANITIZED
  (void)start;
#else
  EXPECT_LT(std::clock() - start, 1 * CLOCKS_PER_SEC);  // 0.1 s
#endif
}

TEST(Serialize, ANameOfItsOwnGoesBeforeAWrappedOne) {
  WeightsFile file;
  for (const bool first : {true, false}) {
    file.tensors = {{"module.weight", full({2}, 7)}, {"weight", full({2}, 3)}};
    if (!first) std::swap(file.tensors[0], file.tensors[1]);
    struct Net : Module {
      Parameter weight = parameter("weight", {2}, Init::constant(0));
      Tensor forward(const Tensor& x) const override { return x; }
    } net;
    const LoadReport report = load(net, file, {.strict = false});
    EXPECT_EQ(net.weight.value().at({0}), 3);
    ASSERT_EQ(report.unexpected.size(), 1u);
    EXPECT_EQ(report.unexpected[0].name, "module.weight");
  }
}

}  // namespace
}  // namespace minnow::nn
