#pragma once

#include <minnow/core/export.h>
#include <minnow/zoo/resnet.h>

// The small ResNets for CIFAR-10 of the same paper, section 4.2 (https://arxiv.org/abs/1512.03385), with a projection
// (1x1 convolution and batch norm) where the shape changes.

namespace minnow::zoo {

struct CifarResNetOptions {
  int blocks;  // in each stage: the network is 6 blocks + 2 layers deep
  std::int64_t num_classes = 10;
};

/// A 3x3 stem, three stages of 16, 32, 64 channels, and a head. [N, 3, H, W] -> [N, num_classes], any H and W.
struct MINNOW_API CifarResNet : nn::Module {
  explicit CifarResNet(const CifarResNetOptions& resnet);
  Tensor forward(const Tensor& x) const override;

  CifarResNetOptions options;
  nn::Child<nn::Conv2d> conv1 = add("conv1", conv3x3(3, 16));
  nn::Child<nn::BatchNorm2d> bn1 = add("bn1", nn::BatchNorm2d(16));
  nn::Child<nn::ReLU> relu = add("relu", nn::ReLU());
  nn::Child<nn::Sequential> layer1 = add("layer1", stage<BasicBlock>(options.blocks, {.in = 16, .planes = 16}));
  nn::Child<nn::Sequential> layer2 =
      add("layer2", stage<BasicBlock>(options.blocks, {.in = 16, .planes = 32, .stride = 2}));
  nn::Child<nn::Sequential> layer3 =
      add("layer3", stage<BasicBlock>(options.blocks, {.in = 32, .planes = 64, .stride = 2}));
  nn::Child<nn::AdaptiveAvgPool2d> avgpool = add("avgpool", nn::AdaptiveAvgPool2d({1, 1}));
  nn::Child<nn::Linear> fc = add("fc", nn::Linear(64, options.num_classes));
};

MINNOW_API CifarResNet resnet20(const ModelOptions& options = {});
MINNOW_API CifarResNet resnet32(const ModelOptions& options = {});
MINNOW_API CifarResNet resnet44(const ModelOptions& options = {});
MINNOW_API CifarResNet resnet56(const ModelOptions& options = {});
MINNOW_API CifarResNet resnet110(const ModelOptions& options = {});

}  // namespace minnow::zoo
