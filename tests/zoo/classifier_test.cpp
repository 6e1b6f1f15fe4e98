#include <gmock/gmock.h>

#include <filesystem>

#include <minnow/compile.h>
#include <minnow/nn/serialize.h>
#include <minnow/zoo/zoo.h>

#include "support.h"

namespace minnow::zoo {
namespace {

namespace fs = std::filesystem;

// A file for resnet20 with as many classes, without any metadata.
WeightsFile resnet20_weights(std::int64_t classes = 10) {
  return nn::weights_of(create("resnet20", {.num_classes = classes}));
}

Image stripes(std::int64_t width, std::int64_t height) {
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(3 * width * height));
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<std::uint8_t>(i * i % 251);
  return Image::from_pixels(pixels.data(), width, height);
}

TEST(Classifier, SaysWhatIsInAPicture) {
  WeightsFile file = resnet20_weights();
  file.model = "resnet20";
  const Classifier classifier = open(file);
  EXPECT_EQ(classifier.name, "resnet20");
  const Image image = stripes(40, 33);
  float sum = 0, last = 1;
  const auto predictions = classifier.classify(image, 100);
  ASSERT_EQ(predictions.size(), 10u);
  for (const auto& [label, probability] : predictions) {
    EXPECT_LE(probability, last);
    sum += last = probability;
  }
  EXPECT_NEAR(sum, 1.0f, 1e-5f);
  const Tensor logits = classifier.model(preprocess(image, cifar10().preset));
  EXPECT_EQ(predictions[0].label, cifar10().labels[logits.argmax().item<std::size_t>()]);
  EXPECT_EQ(classifier.classify(image, 3).size(), 3u);
  EXPECT_TRUE(classifier.classify(image, 0).empty());
}

TEST(Classifier, ABatchGivesWhatEachPictureGives) {
  const Classifier classifier = open(resnet20_weights(), {.model = "resnet20"});
  const Image images[] = {stripes(32, 32), stripes(50, 41), stripes(1, 1)};
  const auto batch = classifier.classify(images, 2);
  ASSERT_EQ(batch.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    const auto alone = classifier.classify(images[i], 2);
    EXPECT_EQ(batch[i][0].label, alone[0].label);
    EXPECT_NEAR(batch[i][0].probability, alone[0].probability, 1e-6f);
  }
  EXPECT_TRUE(classifier.classify(std::span<const Image>()).empty());
}

TEST(Classifier, TakesPresetLabelsAndClassesFromTheFile) {
  WeightsFile file = resnet20_weights(2);
  file.model = "resnet20";
  file.options["num_classes"] = 2;
  file.labels = {"heads", "tails"};
  file.preset = Preset{.resize = 20, .crop = 16};
  const Classifier classifier = open(file);
  EXPECT_EQ(classifier.preset, file.preset);
  EXPECT_THAT(classifier.labels, testing::ElementsAre("heads", "tails"));
  EXPECT_EQ(classifier.classify(stripes(30, 30)).size(), 2u);
}

TEST(Classifier, CountsTheClassesOfAPlainStateDict) {
  WeightsFile file = resnet20_weights(3);
  for (NamedTensor& tensor : file.tensors) tensor.name = "module." + tensor.name;
  const Classifier classifier = open(file, {.model = "resnet20"});
  EXPECT_THAT(classifier.labels, testing::ElementsAre("class 0", "class 1", "class 2"));
}

TEST(Classifier, APlainStateDictOfTheUsualClassesGetsTheUsualLabels) {
  const Classifier classifier = open(resnet20_weights(), {.model = "resnet20"});
  EXPECT_EQ(classifier.labels, cifar10().labels);
  EXPECT_EQ(classifier.preset, cifar10().preset);
}

TEST(Classifier, NamesWhatACompiledModelSays) {
  Classifier classifier = open(resnet20_weights(), {.model = "resnet20"});
  const Image image = stripes(40, 33);
  const auto expected = classifier.classify(image, 3);
  const CompiledModel fast = compile(std::move(classifier.model));
  const auto predictions = classifier.predictions(fast(preprocess(image, classifier.preset)), 3);
  ASSERT_EQ(predictions.size(), 1u);
  ASSERT_EQ(predictions[0].size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(predictions[0][i].label, expected[i].label);
    EXPECT_NEAR(predictions[0][i].probability, expected[i].probability, 1e-4f);
  }
  EXPECT_TRUE(classifier.predictions(zeros({0, 10})).empty());
  test::expect_error([&] { classifier.predictions(zeros({1, 9})); }, "expected the logits [N, 10] of 10 labels, got");
}

TEST(Classifier, SaysWhatIsMissingOrDoesNotFit) {
  WeightsFile file = resnet20_weights();
  test::expect_error([&] { open(file); }, "do not name their model");
  test::expect_error([&] { open(file, {.model = "resnet2"}); }, "nearest: resnet20");
  test::expect_error([&] { open(file, {.model = "resnet32"}); }, "layer1.3");
  file.model = "resnet20";
  test::expect_error([&] { open(file, {.model = "resnet32"}); }, "for resnet20, not for resnet32");
  file.labels = {"one"};
  test::expect_error([&] { open(file); }, "1 labels for 10 classes");
  file.labels.clear();
  file.options["depth"] = 3;
  test::expect_error([&] { open(file); }, "\"depth\"");
  file.options = {{"num_classes", 0.0}};
  test::expect_error([&] { open(file); }, "num_classes 0");
  file.options = {{"num_classes", 1e9}};  // which would be gigabytes of labels
  test::expect_error([&] { open(file); }, "fc.weight");
}

TEST(Classifier, OpensAFileAndItsBytesAlike) {
  const fs::path path = fs::path(testing::TempDir()) / "classifier_test.json";
  WeightsFile file = resnet20_weights(4);
  file.model = "resnet20";
  file.labels = {"a", "b", "c", "d"};
  write_weights(file, path);
  const Classifier from_file = open(path);
  std::ifstream in(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const Classifier from_bytes = open(std::as_bytes(std::span(text)));
  fs::remove(path);
  const Image image = stripes(32, 32);
  EXPECT_EQ(from_file.classify(image)[0].label, from_bytes.classify(image)[0].label);
  EXPECT_EQ(from_file.classify(image)[0].probability, from_bytes.classify(image)[0].probability);
  test::expect_error([&] { open(path); }, "classifier_test.json");
}

TEST(Classifier, OpensTheWeightsThatComeWithTheProject) {
  const Classifier classifier = open(fs::path(MINNOW_SOURCE_DIR "/weights/resnet20-cifar10.json"));
  EXPECT_EQ(classifier.name, "resnet20");
  EXPECT_EQ(classifier.labels, cifar10().labels);
  EXPECT_EQ(classifier.preset, cifar10().preset);
}

TEST(Classifier, RefusesAPresetThatMakesNoSense) {
  WeightsFile file = resnet20_weights();
  file.preset = Preset{.std = {1, 0, 1}};
  test::expect_error([&] { open(file, {.model = "resnet20"}); }, "a standard deviation of 0");
  file.preset = Preset{.resize = -5};
  test::expect_error([&] { open(file, {.model = "resnet20"}); }, "got resize -5");
}

}  // namespace
}  // namespace minnow::zoo
