#pragma once

#include <array>
#include <optional>

#include <minnow/core/export.h>
#include <minnow/nn/adaptive_avg_pool2d.h>
#include <minnow/nn/batch_norm2d.h>
#include <minnow/nn/conv2d.h>
#include <minnow/nn/linear.h>
#include <minnow/nn/max_pool2d.h>
#include <minnow/nn/relu.h>
#include <minnow/nn/sequential.h>
#include <minnow/zoo/options.h>

// Deep Residual Learning for Image Recognition, He et al. 2015, https://arxiv.org/abs/1512.03385. Names, shapes and
// order of the parameters are torchvision's, and so is the stride of a bottleneck, which is in its 3x3 convolution.

namespace minnow::zoo {

// The blocks: y = relu(f(x) + shortcut(x)) ----------------------------------------------------------------------------

struct BlockOptions {
  std::int64_t in, planes;                        // channels that come in; channels of the stage
  std::int64_t stride = 1;                        // of the first block of a stage
  std::int64_t groups = 1, width_per_group = 64;  // of a bottleneck's 3x3 convolution, where planes is 64
};

MINNOW_API nn::Conv2d conv1x1(std::int64_t in, std::int64_t out, std::int64_t stride = 1);
MINNOW_API nn::Conv2d conv3x3(std::int64_t in, std::int64_t out, std::int64_t stride = 1, std::int64_t groups = 1);

/// Two 3x3 convolutions. [N, in, H, W] -> [N, planes, H / stride, W / stride].
struct MINNOW_API BasicBlock : nn::Module {
  static constexpr std::int64_t expansion = 1;

  /// Throws where groups or width_per_group are not as they are by default: they are a bottleneck's.
  explicit BasicBlock(const BlockOptions& block);
  Tensor forward(const Tensor& x) const override;

  BlockOptions options;
  nn::Child<nn::Conv2d> conv1 = add("conv1", conv3x3(options.in, options.planes, options.stride));
  nn::Child<nn::BatchNorm2d> bn1 = add("bn1", nn::BatchNorm2d(options.planes));
  nn::Child<nn::ReLU> relu = add("relu", nn::ReLU());
  nn::Child<nn::Conv2d> conv2 = add("conv2", conv3x3(options.planes, options.planes));
  nn::Child<nn::BatchNorm2d> bn2 = add("bn2", nn::BatchNorm2d(options.planes));
  std::optional<nn::Child<nn::Sequential>> downsample = add_downsample();  // where the shape changes

 private:
  std::optional<nn::Child<nn::Sequential>> add_downsample();
};

/// 1x1, 3x3 and 1x1. [N, in, H, W] -> [N, 4 planes, H / stride, W / stride].
struct MINNOW_API Bottleneck : nn::Module {
  static constexpr std::int64_t expansion = 4;

  explicit Bottleneck(const BlockOptions& block) : options(block) {}
  Tensor forward(const Tensor& x) const override;

  BlockOptions options;
  std::int64_t width = options.planes * options.width_per_group / 64 * options.groups;
  std::int64_t out = options.planes * expansion;
  nn::Child<nn::Conv2d> conv1 = add("conv1", conv1x1(options.in, width));
  nn::Child<nn::BatchNorm2d> bn1 = add("bn1", nn::BatchNorm2d(width));
  nn::Child<nn::Conv2d> conv2 = add("conv2", conv3x3(width, width, options.stride, options.groups));
  nn::Child<nn::BatchNorm2d> bn2 = add("bn2", nn::BatchNorm2d(width));
  nn::Child<nn::Conv2d> conv3 = add("conv3", conv1x1(width, out));
  nn::Child<nn::BatchNorm2d> bn3 = add("bn3", nn::BatchNorm2d(out));
  nn::Child<nn::ReLU> relu = add("relu", nn::ReLU());
  std::optional<nn::Child<nn::Sequential>> downsample = add_downsample();

 private:
  std::optional<nn::Child<nn::Sequential>> add_downsample();
};

/// `count` blocks, of which the first is as asked and the others keep its shape.
template <class Block>
nn::Sequential stage(int count, BlockOptions block) {
  nn::Sequential blocks;
  for (int i = 0; i < count; ++i) {
    blocks.push_back(Block(block));
    block.in = block.planes * Block::expansion;
    block.stride = 1;
  }
  return blocks;
}

// The network ---------------------------------------------------------------------------------------------------------

struct ResNetOptions {
  std::array<int, 4> blocks;  // in each stage
  bool bottleneck = false;
  std::int64_t groups = 1, width_per_group = 64;
  std::int64_t num_classes = 1000;
};

/// A stem, four stages of 64, 128, 256, 512 planes, and a head. [N, 3, H, W] -> [N, num_classes], any H and W.
struct MINNOW_API ResNet : nn::Module {
  explicit ResNet(const ResNetOptions& resnet);
  Tensor forward(const Tensor& x) const override;

  ResNetOptions options;
  std::int64_t expansion = options.bottleneck ? Bottleneck::expansion : BasicBlock::expansion;
  nn::Child<nn::Conv2d> conv1 = add("conv1", nn::Conv2d(3, 64, 7, {.stride = 2, .padding = 3, .bias = false}));
  nn::Child<nn::BatchNorm2d> bn1 = add("bn1", nn::BatchNorm2d(64));
  nn::Child<nn::ReLU> relu = add("relu", nn::ReLU());
  nn::Child<nn::MaxPool2d> maxpool = add("maxpool", nn::MaxPool2d(3, {.stride = 2, .padding = 1}));
  nn::Child<nn::Sequential> layer1 = add("layer1", layer(0, {.in = 64, .planes = 64}));
  nn::Child<nn::Sequential> layer2 = add("layer2", layer(1, {.in = 64 * expansion, .planes = 128, .stride = 2}));
  nn::Child<nn::Sequential> layer3 = add("layer3", layer(2, {.in = 128 * expansion, .planes = 256, .stride = 2}));
  nn::Child<nn::Sequential> layer4 = add("layer4", layer(3, {.in = 256 * expansion, .planes = 512, .stride = 2}));
  nn::Child<nn::AdaptiveAvgPool2d> avgpool = add("avgpool", nn::AdaptiveAvgPool2d({1, 1}));
  nn::Child<nn::Linear> fc = add("fc", nn::Linear(512 * expansion, options.num_classes));

 private:
  nn::Sequential layer(std::size_t index, BlockOptions first) const;
};

// The table -----------------------------------------------------------------------------------------------------------

MINNOW_API ResNet resnet18(const ModelOptions& options = {});
MINNOW_API ResNet resnet34(const ModelOptions& options = {});
MINNOW_API ResNet resnet50(const ModelOptions& options = {});
MINNOW_API ResNet resnet101(const ModelOptions& options = {});
MINNOW_API ResNet resnet152(const ModelOptions& options = {});

/// Aggregated Residual Transformations for Deep Neural Networks, Xie et al. 2016, https://arxiv.org/abs/1611.05431.
MINNOW_API ResNet resnext50_32x4d(const ModelOptions& options = {});
MINNOW_API ResNet resnext101_32x8d(const ModelOptions& options = {});
MINNOW_API ResNet resnext101_64x4d(const ModelOptions& options = {});

/// Wide Residual Networks, Zagoruyko and Komodakis 2016, https://arxiv.org/abs/1605.07146: bottlenecks twice as wide.
MINNOW_API ResNet wide_resnet50_2(const ModelOptions& options = {});
MINNOW_API ResNet wide_resnet101_2(const ModelOptions& options = {});

}  // namespace minnow::zoo
