#include <gtest/gtest.h>

#include <cstring>
#include <fstream>

#include <minnow/nn/serialize.h>
#include <minnow/zoo/cifar_resnet.h>
#include <minnow/zoo/zoo.h>

#include "support.h"

namespace minnow::zoo {
namespace {

// 10,000 records of a label and 3 x 32 x 32 pixels.
constexpr std::int64_t kPictures = 10'000, kPixels = 3 * 32 * 32;

std::vector<unsigned char> bytes_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

Tensor batch(const std::vector<unsigned char>& records, std::int64_t first, std::int64_t size) {
  const Preset& preset = cifar10().preset;
  Tensor x = empty({size, 3, 32, 32});
  for (std::int64_t i = 0; i < size * kPixels; ++i) {
    const auto channel = static_cast<std::size_t>(i % kPixels / 1024);
    const unsigned char byte =
        records[static_cast<std::size_t>((first + i / kPixels) * (kPixels + 1) + 1 + i % kPixels)];
    x.data()[i] = (static_cast<float>(byte) / 255.0f - preset.mean[channel]) / preset.std[channel];
  }
  return x;
}

TEST(CifarResNet, IsAsDeepAsItsName) {
  EXPECT_EQ(resnet20().num_parameters(), 272'474);
  EXPECT_EQ(resnet56().layer3->size(), 9u);
  EXPECT_EQ(resnet110().layer1->size(), 18u);
}

TEST(CifarResNet, ClassifiesTheTestImagesAsPyTorchDoes) {
  const std::string weights = MINNOW_SHARED_DIR "/weights/resnet20_cifar10_ours";
  const auto records = bytes_of(MINNOW_SHARED_DIR "/cifar10/test_batch.bin");
  const auto answers = bytes_of(weights + "_logits_test256.f32");
  if (records.empty() || answers.empty()) GTEST_SKIP() << "CIFAR-10 is not here";
  ASSERT_EQ(records.size(), static_cast<std::size_t>(kPictures * (kPixels + 1)));
  ASSERT_EQ(answers.size(), 256u * 10 * sizeof(float));
  Tensor expected = empty({256, 10});
  std::memcpy(expected.data(), answers.data(), answers.size());

  nn::AnyModule model = create("resnet20");
  load(model, weights + ".safetensors");
  const Tensor logits = model(batch(records, 0, 256));
  for (std::int64_t i = 0; i < expected.numel(); ++i) ASSERT_NEAR(logits.data()[i], expected.data()[i], 1e-4) << i;

  int right = 0;
  constexpr std::int64_t size = 250;
  for (std::int64_t first = 0; first < kPictures; first += size) {
    const Tensor guesses = model(batch(records, first, size)).argmax(1);
    for (std::int64_t i = 0; i < size; ++i) {
      right += guesses.at<std::int64_t>({i}) == records[static_cast<std::size_t>((first + i) * (kPixels + 1))];
    }
  }
  EXPECT_NEAR(right, 9022, 3);
}

}  // namespace
}  // namespace minnow::zoo
