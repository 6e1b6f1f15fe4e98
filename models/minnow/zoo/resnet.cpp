#include <minnow/zoo/resnet.h>

#include <minnow/ops/binary.h>
#include <minnow/zoo/initialise.h>

namespace minnow::zoo {

// The blocks ----------------------------------------------------------------------------------------------------------

nn::Conv2d conv1x1(std::int64_t in, std::int64_t out, std::int64_t stride) {
  return nn::Conv2d(in, out, 1, {.stride = stride, .bias = false});
}

nn::Conv2d conv3x3(std::int64_t in, std::int64_t out, std::int64_t stride, std::int64_t groups) {
  return nn::Conv2d(in, out, 3, {.stride = stride, .padding = 1, .groups = groups, .bias = false});
}

BasicBlock::BasicBlock(const BlockOptions& block) : options(block) {
  if (block.groups != 1 || block.width_per_group != 64) {
    fail("ResNet: groups ", block.groups, " and width_per_group ", block.width_per_group, " are for bottlenecks");
  }
}

std::optional<nn::Child<nn::Sequential>> BasicBlock::add_downsample() {
  if (options.stride == 1 && options.in == options.planes) return std::nullopt;
  return add("downsample",
             nn::Sequential(conv1x1(options.in, options.planes, options.stride), nn::BatchNorm2d(options.planes)));
}

Tensor BasicBlock::forward(const Tensor& x) const {
  Tensor y = relu(bn1(conv1(x)));
  y = bn2(conv2(y));
  return relu(y + (downsample ? (*downsample)(x) : x));
}

std::optional<nn::Child<nn::Sequential>> Bottleneck::add_downsample() {
  if (options.stride == 1 && options.in == out) return std::nullopt;
  return add("downsample", nn::Sequential(conv1x1(options.in, out, options.stride), nn::BatchNorm2d(out)));
}

Tensor Bottleneck::forward(const Tensor& x) const {
  Tensor y = relu(bn1(conv1(x)));
  y = relu(bn2(conv2(y)));
  y = bn3(conv3(y));
  return relu(y + (downsample ? (*downsample)(x) : x));
}

// The network ---------------------------------------------------------------------------------------------------------

ResNet::ResNet(const ResNetOptions& resnet) : options(resnet) { kaiming_normal(*this); }

nn::Sequential ResNet::layer(std::size_t index, BlockOptions first) const {
  first.groups = options.groups;
  first.width_per_group = options.width_per_group;
  const int count = options.blocks[index];
  return options.bottleneck ? stage<Bottleneck>(count, first) : stage<BasicBlock>(count, first);
}

Tensor ResNet::forward(const Tensor& x) const {  // [N, 3, H, W]
  Tensor y = maxpool(relu(bn1(conv1(x))));       // [N, 64, H / 4, W / 4]
  y = layer4(layer3(layer2(layer1(y))));         // [N, 512 expansion, H / 32, W / 32]
  y = avgpool(y);                                // [N, 512 expansion, 1, 1]
  return fc(y.flatten(1));
}

// The table -----------------------------------------------------------------------------------------------------------

namespace {

ResNet basic(const std::array<int, 4>& blocks, const ModelOptions& options) {
  return ResNet({.blocks = blocks, .num_classes = options.num_classes.value_or(1000)});
}

ResNet bottleneck(const std::array<int, 4>& blocks, std::int64_t groups, std::int64_t width_per_group,
                  const ModelOptions& options) {
  return ResNet({.blocks = blocks,
                 .bottleneck = true,
                 .groups = groups,
                 .width_per_group = width_per_group,
                 .num_classes = options.num_classes.value_or(1000)});
}

}  // namespace

ResNet resnet18(const ModelOptions& options) { return basic({2, 2, 2, 2}, options); }
ResNet resnet34(const ModelOptions& options) { return basic({3, 4, 6, 3}, options); }
ResNet resnet50(const ModelOptions& options) { return bottleneck({3, 4, 6, 3}, 1, 64, options); }
ResNet resnet101(const ModelOptions& options) { return bottleneck({3, 4, 23, 3}, 1, 64, options); }
ResNet resnet152(const ModelOptions& options) { return bottleneck({3, 8, 36, 3}, 1, 64, options); }

ResNet resnext50_32x4d(const ModelOptions& options) { return bottleneck({3, 4, 6, 3}, 32, 4, options); }
ResNet resnext101_32x8d(const ModelOptions& options) { return bottleneck({3, 4, 23, 3}, 32, 8, options); }
ResNet resnext101_64x4d(const ModelOptions& options) { return bottleneck({3, 4, 23, 3}, 64, 4, options); }

ResNet wide_resnet50_2(const ModelOptions& options) { return bottleneck({3, 4, 6, 3}, 1, 128, options); }
ResNet wide_resnet101_2(const ModelOptions& options) { return bottleneck({3, 4, 23, 3}, 1, 128, options); }

}  // namespace minnow::zoo
