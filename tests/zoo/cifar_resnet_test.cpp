#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include <minnow/compile.h>
#include <minnow/zoo/cifar_resnet.h>
#include <minnow/zoo/classifier.h>
#include <minnow/zoo/zoo.h>

#include "support.h"

namespace minnow::zoo {
namespace {

// 10,000 records: a label, then 32 x 32 pixels in three planes, red, green, blue.
constexpr std::int64_t kPictures = 10'000, kPlane = 32 * 32, kRecord = 1 + 3 * kPlane;

std::vector<unsigned char> bytes_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

Image picture(const unsigned char* record) {
  std::uint8_t pixels[3 * kPlane];
  for (std::int64_t i = 0; i < 3 * kPlane; ++i) pixels[i % kPlane * 3 + i / kPlane] = record[1 + i];
  return Image::from_pixels(pixels, 32, 32);
}

Tensor batch(const std::vector<unsigned char>& records, std::int64_t first, std::int64_t size, const Preset& preset) {
  std::vector<Image> pictures;
  for (std::int64_t i = first; i < first + size; ++i) pictures.push_back(picture(records.data() + i * kRecord));
  return preprocess(pictures, preset);
}

TEST(CifarResNet, IsAsDeepAsItsName) {
  EXPECT_EQ(resnet20().num_parameters(), 272'474);
  EXPECT_EQ(resnet56().layer3->size(), 9u);
  EXPECT_EQ(resnet110().layer1->size(), 18u);
}

TEST(CifarResNet, WithTheShippedWeightsGivesPyTorchsLogitsForThePicturesThatComeWithTheProject) {
  const Classifier classifier = open(MINNOW_SOURCE_DIR "/weights/resnet20-cifar10.json");
  const nlohmann::json golden = test::golden("classifier.json");
  EXPECT_EQ(golden.size(), 10u);
  for (const auto& [name, logits] : golden.items()) {
    const Image image = read_image(std::filesystem::path(MINNOW_SOURCE_DIR "/tools/examples/pictures") / name);
    const Tensor actual = classifier.model(preprocess(image, classifier.preset)), expected = test::tensor_of(logits);
    ASSERT_EQ(actual.numel(), expected.numel());
    for (std::int64_t i = 0; i < expected.numel(); ++i) EXPECT_NEAR(actual.data()[i], expected.data()[i], 1e-4) << name;
  }
}

TEST(CifarResNet, WithTheShippedWeightsClassifiesTheTestImagesAsPyTorchDoes) {
  const Classifier classifier = open(MINNOW_SOURCE_DIR "/weights/resnet20-cifar10.json");
  EXPECT_EQ(classifier.name, "resnet20");
  EXPECT_EQ(classifier.labels, cifar10().labels);
  const auto records = bytes_of(MINNOW_SHARED_DIR "/cifar10/test_batch.bin");
  const auto answers = bytes_of(MINNOW_SHARED_DIR "/weights/resnet20_cifar10_ours_logits_test256.f32");
  if (records.empty() || answers.empty()) GTEST_SKIP() << "CIFAR-10 is not here";
  ASSERT_EQ(records.size(), static_cast<std::size_t>(kPictures * kRecord));
  ASSERT_EQ(answers.size(), 256u * 10 * sizeof(float));
  Tensor expected = empty({256, 10});
  std::memcpy(expected.data(), answers.data(), answers.size());

  const CompiledModel compiled = compile(classifier.model);
  const Tensor first = batch(records, 0, 256, classifier.preset), eager = classifier.model(first),
               planned = compiled(first);
  for (std::int64_t i = 0; i < expected.numel(); ++i) {
    ASSERT_NEAR(eager.data()[i], expected.data()[i], 1e-4) << i;
    ASSERT_NEAR(planned.data()[i], expected.data()[i], 1e-4) << i;
  }

  int right = 0;
  constexpr std::int64_t size = 250;
  for (std::int64_t start = 0; start < kPictures; start += size) {
    const Tensor guesses = compiled(batch(records, start, size, classifier.preset)).argmax(1);
    for (std::int64_t i = 0; i < size; ++i) {
      right += guesses.at<std::int64_t>({i}) == records[static_cast<std::size_t>((start + i) * kRecord)];
    }
  }
  EXPECT_NEAR(right, 9022, 3);
}

}  // namespace
}  // namespace minnow::zoo
