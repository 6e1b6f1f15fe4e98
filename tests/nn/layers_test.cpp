// The layers that are one call of their functional twin.

#include <functional>

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
#include <minnow/nn/sequential.h>
#include <minnow/nn/sigmoid.h>
#include <minnow/nn/silu.h>
#include <minnow/nn/softmax.h>
#include <minnow/nn/tanh.h>
#include <minnow/nn/upsample.h>
#include <minnow/nn/zero_pad2d.h>
#include <minnow/ops/binary.h>
#include "support.h"

namespace minnow {
namespace {

using test::expect_error;

TEST(Layers, EachGivesTheBitsOfItsTwin) {
  const Tensor x = randn({2, 3, 9, 7}) * 3.0;
  const std::pair<nn::AnyModule, Tensor> cases[] = {
      {nn::ReLU(), relu(x)},
      {nn::ReLU6(), relu6(x)},
      {nn::LeakyReLU(0.2), leaky_relu(x, 0.2)},
      {nn::Sigmoid(), sigmoid(x)},
      {nn::Tanh(), tanh(x)},
      {nn::SiLU(), silu(x)},
      {nn::GELU(), gelu(x)},
      {nn::Hardswish(), hardswish(x)},
      {nn::Hardsigmoid(), hardsigmoid(x)},
      {nn::Identity(), x},
      {nn::Softmax(1), softmax(x, 1)},
      {nn::Flatten(), flatten(x, 1)},
      {nn::MaxPool2d(3, {.stride = 2, .ceil_mode = true}), max_pool2d(x, 3, {.stride = 2, .ceil_mode = true})},
      {nn::AvgPool2d(2, {.divisor_override = 3}), avg_pool2d(x, 2, {.divisor_override = 3})},
      {nn::AdaptiveAvgPool2d({4, std::nullopt}), adaptive_avg_pool2d(x, {4, std::nullopt})},
      {nn::AdaptiveMaxPool2d(2), adaptive_max_pool2d(x, 2)},
      {nn::ZeroPad2d(1, 2, 3, 0), pad(x, {1, 2, 3, 0})},
      {nn::Upsample({.size = 5}), interpolate(x, {.size = 5})},
      {nn::Upsample({.scale_factor = 2, .mode = InterpolateMode::bilinear}),
       interpolate(x, {.scale_factor = 2, .mode = InterpolateMode::bilinear})},
  };
  for (const auto& [layer, expected] : cases) EXPECT_TENSOR_EQ(layer(x), expected) << layer;
}

TEST(Layers, FlattenAndIdentityShareTheElements) {
  const Tensor x = randn({2, 3, 4, 5});
  EXPECT_EQ(nn::Flatten()(x).data(), x.data());
  EXPECT_EQ(nn::Flatten(0, 1)(x).shape(), (Shape{6, 4, 5}));
  EXPECT_EQ(nn::Identity()(x).data(), x.data());
}

TEST(Layers, GlobalPoolingGivesOneFeatureVectorForAnySize) {
  const nn::AdaptiveAvgPool2d pool(1);
  const Tensor y = pool(ones({32, 2048, 7, 7}));
  EXPECT_EQ(y.shape(), (Shape{32, 2048, 1, 1}));
  EXPECT_EQ(y.view({32, -1}).shape(), (Shape{32, 2048}));
  EXPECT_EQ(pool(ones({2, 8, 1, 13})).shape(), (Shape{2, 8, 1, 1}));
}

TEST(Layers, DropoutDropsInTrainingOnly) {
  nn::Sequential net(nn::Dropout(0.5));
  const Tensor x = ones({1000});
  EXPECT_FALSE(test::same(net(x), x));
  net.eval();
  EXPECT_TENSOR_EQ(net(x), x);
}

TEST(Layers, RefuseWhatCannotWorkWhenTheyAreMade) {
  expect_error([] { nn::Dropout(1.5); }, "Dropout: p must lie between 0 and 1, got 1.5");
  expect_error([] { nn::Upsample({}); }, "Upsample: give either size or scale_factor");
  expect_error([] { nn::Upsample({.size = 3, .scale_factor = 2}); }, "Upsample: give either");
}

TEST(Layers, RefuseWhatNoInputCouldSatisfy) {
  expect_error([] { nn::Linear(-3, 4); }, "Linear: \"weight\" cannot have the shape [4, -3]");
  expect_error([] { nn::BatchNorm2d(-3); }, "BatchNorm2d: \"weight\" cannot have the shape [-3]");
  expect_error([] { nn::MaxPool2d(0); }, "max_pool2d: kernel size (0, 0)");
  expect_error([] { nn::AvgPool2d(2, {.padding = 2}); }, "avg_pool2d: padding (2, 2)");
  expect_error([] { nn::AvgPool2d(2, {.divisor_override = 0}); }, "divisor_override");
  expect_error([] { nn::Conv2d(3, 8, 3, {.stride = 0}); }, "conv2d: the stride must be positive");
  expect_error([] { nn::Conv2d(3, 8, 3, {.dilation = 0}); }, "conv2d: the dilation must be positive");
  expect_error([] { nn::Conv2d(3, 8, 3, {.padding = -1}); }, "conv2d: the padding must not be negative");
}

}  // namespace
}  // namespace minnow
