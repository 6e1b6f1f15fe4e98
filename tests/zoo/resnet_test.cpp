#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

#include <minnow/compile.h>
#include <minnow/zoo/resnet.h>
#include <minnow/zoo/zoo.h>

#include "support.h"

namespace minnow::zoo {
namespace {

TEST(ResNet, HasTorchvisionsStateDict) {
  std::ifstream in(MINNOW_SHARED_DIR "/zoo/torchvision_state_dicts.json");
  if (!in) GTEST_SKIP() << "torchvision's state dicts are not here";
  const auto all = nlohmann::json::parse(in).at("state_dicts");
  int compared = 0;
  for (const ModelEntry& model : list()) {
    const std::string name(model.name);
    if (!all.contains(name)) continue;
    const auto& expected = all.at(name);
    const nn::AnyModule built = create(name);
    const nn::StateDict state = built->state_dict();
    ASSERT_EQ(state.size(), expected.size()) << name;
    for (std::size_t i = 0; i < state.size(); ++i) {
      EXPECT_EQ(state[i].name, expected[i][0]) << name;
      EXPECT_EQ(state[i].parameter.shape(), test::shape_of(expected[i][1])) << name << ' ' << state[i].name;
      EXPECT_EQ(state[i].parameter.is_buffer(), expected[i][2] == "buffer") << name << ' ' << state[i].name;
      EXPECT_EQ(state[i].parameter.dtype() == DType::int64, expected[i][3] == "i64") << name << ' ' << state[i].name;
    }
    ++compared;
  }
  EXPECT_GE(compared, 10);
}

TEST(ResNet, CountsTorchvisionsParameters) {
  EXPECT_EQ(resnet18().num_parameters(), 11'689'512);
  EXPECT_EQ(resnet152().num_parameters(), 60'192'808);
  EXPECT_EQ(resnext101_64x4d().num_parameters(), 83'455'272);
  EXPECT_EQ(wide_resnet101_2().num_parameters(), 126'886'696);
}

TEST(ResNet, TakesAnEmptyBatch) {
  for (const char* name : {"resnet18", "resnet20"}) {
    auto net = create(name);
    const Tensor nothing = zeros({0, 3, 32, 32});
    const Tensor logits = net(nothing);
    EXPECT_EQ(logits.dim(0), 0) << name;
    EXPECT_EQ(compile(std::move(net))(nothing).shape(), logits.shape()) << name;
  }
}

TEST(ResNet, PrintsItsStemAndHeadAsTorchvisionDoes) {
  const ResNet net = resnet18();
  EXPECT_EQ(str(*net.conv1), "Conv2d(3, 64, kernel_size=(7, 7), stride=(2, 2), padding=(3, 3), bias=False)");
  EXPECT_EQ(str(*net.maxpool), "MaxPool2d(kernel_size=3, stride=2, padding=1, dilation=1, ceil_mode=False)");
  EXPECT_EQ(str(*net.avgpool), "AdaptiveAvgPool2d(output_size=(1, 1))");
  EXPECT_EQ(str(*net.fc), "Linear(in_features=512, out_features=1000, bias=True)");
}

TEST(ResNet, DrawsConvolutionsFromKaimingsNormalWithFanOut) {
  ResNet net = resnet18();
  const Tensor weight = net.get<nn::Conv2d>("layer3.0.downsample.0").weight;  // [256, 128, 1, 1], fan-out 256
  double sum = 0, squares = 0;
  for (const float w : weight.span()) sum += w, squares += static_cast<double>(w) * w;
  const auto count = static_cast<double>(weight.numel());
  EXPECT_NEAR(sum / count, 0.0, 0.002);
  EXPECT_NEAR(std::sqrt(squares / count), std::sqrt(2.0 / 256), 0.001);
  EXPECT_FALSE(net.conv1->weight.has_value());
}

TEST(ResNet, IsAModuleToComposeWith) {
  ResNet net = resnet18();
  net.eval();
  net.fc = nn::Linear(512, 5);
  const ResNet copy = clone(net);
  const Tensor x = rand({1, 3, 33, 20}), y = net(x);
  EXPECT_EQ(y.shape(), (Shape{1, 5}));
  EXPECT_TENSOR_EQ(copy(x), y);
}

TEST(ResNet, AnErrorSaysWhere) {
  ResNet net = resnet18();
  net.eval();
  net.replace("layer3.0.conv2", nn::Conv2d(128, 256, 3));
  test::expect_error([&] { net(zeros({1, 3, 32, 32})); }, "layer3.0.conv2: conv2d: expected 128 input channels");
  test::expect_error([&] { net(zeros({1, 3, 32, 32})); }, "got 256 (input [1, 256, 2, 2])");
}

TEST(ResNet, BasicBlocksHaveNoGroups) {
  test::expect_error(
      [] {
        ResNet({.blocks = {2, 2, 2, 2}, .groups = 32, .width_per_group = 4});
      },
      "ResNet: groups 32 and width_per_group 4 are for bottlenecks");
}

}  // namespace
}  // namespace minnow::zoo
