#include <sstream>
#include <utility>
#include <vector>

#include <minnow/nn/adaptive_avg_pool2d.h>
#include <minnow/nn/adaptive_max_pool2d.h>
#include <minnow/nn/avg_pool2d.h>
#include <minnow/nn/batch_norm2d.h>
#include <minnow/nn/conv2d.h>
#include <minnow/nn/dropout.h>
#include <minnow/nn/flatten.h>
#include <minnow/nn/gelu.h>
#include <minnow/nn/hardsigmoid.h>
#include <minnow/nn/hardswish.h>
#include <minnow/nn/identity.h>
#include <minnow/nn/leaky_relu.h>
#include <minnow/nn/linear.h>
#include <minnow/nn/max_pool2d.h>
#include <minnow/nn/relu.h>
#include <minnow/nn/relu6.h>
#include <minnow/nn/sigmoid.h>
#include <minnow/nn/silu.h>
#include <minnow/nn/softmax.h>
#include <minnow/nn/tanh.h>
#include <minnow/nn/upsample.h>
#include <minnow/nn/zero_pad2d.h>
#include "support.h"

namespace minnow {
namespace {

TEST(Printed, EveryLayerIsPrintedAsTorchPrintsIt) {
  std::vector<std::pair<std::string, nn::AnyModule>> modules;
  const auto add = [&](const char* name, nn::AnyModule module) { modules.emplace_back(name, std::move(module)); };
  add("conv", nn::Conv2d(3, 64, 7, {.stride = 2, .padding = 3, .bias = false}));
  add("conv_plain", nn::Conv2d(3, 8, 3));
  add("conv_full", nn::Conv2d(4, 8, {3, 1}, {.stride = {1, 2}, .padding = {1, 0}, .dilation = {2, 1}, .groups = 2}));
  add("conv_same", nn::Conv2d(4, 8, 3, {.padding = "same"}));
  add("conv_valid", nn::Conv2d(4, 8, 3, {.padding = "valid"}));
  add("linear", nn::Linear(512, 10));
  add("linear_no_bias", nn::Linear(3, 2, {.bias = false}));
  add("batch_norm", nn::BatchNorm2d(64));
  add("batch_norm_full",
      nn::BatchNorm2d(3, {.eps = 0.001, .momentum = std::nullopt, .affine = false, .track_running_stats = false}));
  add("batch_norm_one", nn::BatchNorm2d(3, {.eps = 0.0001, .momentum = 1}));
  add("relu", nn::ReLU());
  add("relu6", nn::ReLU6());
  add("sigmoid", nn::Sigmoid());
  add("tanh", nn::Tanh());
  add("silu", nn::SiLU());
  add("gelu", nn::GELU());
  add("hardswish", nn::Hardswish());
  add("hardsigmoid", nn::Hardsigmoid());
  add("identity", nn::Identity());
  add("leaky_relu", nn::LeakyReLU());
  add("leaky_relu_steep", nn::LeakyReLU(0.2));
  add("max_pool", nn::MaxPool2d(3, {.stride = 2, .padding = 1}));
  add("max_pool_plain", nn::MaxPool2d(2));
  add("max_pool_full", nn::MaxPool2d({3, 2}, {.stride = {2, 1}, .padding = {1, 0}, .dilation = 2, .ceil_mode = true}));
  add("max_pool_pairs", nn::MaxPool2d({3, 3}, {.stride = {2, 2}, .padding = {1, 1}, .dilation = {1, 1}}));
  add("max_pool_pair", nn::MaxPool2d({3, 3}));
  add("avg_pool", nn::AvgPool2d(2));
  add("avg_pool_full", nn::AvgPool2d({3, 2}, {.stride = 1, .padding = 1}));
  add("avg_pool_pairs", nn::AvgPool2d({2, 2}, {.stride = {2, 2}, .padding = {1, 1}}));
  add("adaptive_avg_pool", nn::AdaptiveAvgPool2d({1, 1}));
  add("adaptive_avg_pool_one", nn::AdaptiveAvgPool2d(1));
  add("adaptive_max_pool", nn::AdaptiveMaxPool2d({7, std::nullopt}));
  add("adaptive_max_pool_pair", nn::AdaptiveMaxPool2d({7, 7}));
  add("adaptive_max_pool_one", nn::AdaptiveMaxPool2d(7));
  add("flatten", nn::Flatten());
  add("flatten_all", nn::Flatten(0, 2));
  add("softmax", nn::Softmax(1));
  add("dropout", nn::Dropout());
  add("dropout_rare", nn::Dropout(0.25));
  add("zero_pad", nn::ZeroPad2d(1));
  add("zero_pad_full", nn::ZeroPad2d(1, 2, 3, 4));
  add("upsample", nn::Upsample({.scale_factor = 2}));
  add("upsample_size", nn::Upsample({.size = {4, 5}, .mode = InterpolateMode::bilinear}));
  add("upsample_side", nn::Upsample({.size = 4}));
  add("upsample_square", nn::Upsample({.size = {4, 4}}));
  add("upsample_uneven", nn::Upsample({.scale_factor = {2, 1.5}}));
  add("upsample_pair", nn::Upsample({.scale_factor = {2, 2}}));
  add("upsample_corners",
      nn::Upsample({.scale_factor = 0.3, .mode = InterpolateMode::bilinear, .align_corners = true}));

  const auto golden = test::golden("layers.json")["printed"];
  EXPECT_EQ(modules.size(), golden.size());
  for (const auto& [name, module] : modules) EXPECT_EQ(str(module), golden.at(name).get<std::string>()) << name;
}

}  // namespace
}  // namespace minnow
