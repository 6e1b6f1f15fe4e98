#include <minnow/zoo/cifar_resnet.h>
#include <minnow/zoo/initialise.h>

namespace minnow::zoo {

CifarResNet::CifarResNet(const CifarResNetOptions& resnet) : options(resnet) { kaiming_normal(*this); }

Tensor CifarResNet::forward(const Tensor& x) const {  // [N, 3, H, W]
  Tensor y = relu(bn1(conv1(x)));                     // [N, 16, H, W]
  y = layer3(layer2(layer1(y)));                      // [N, 64, H / 4, W / 4]
  y = avgpool(y);                                     // [N, 64, 1, 1]
  return fc(y.flatten(1));
}

namespace {

CifarResNet deep(int depth, const ModelOptions& options) {
  return CifarResNet({.blocks = (depth - 2) / 6, .num_classes = options.num_classes.value_or(10)});
}

}  // namespace

CifarResNet resnet20(const ModelOptions& options) { return deep(20, options); }
CifarResNet resnet32(const ModelOptions& options) { return deep(32, options); }
CifarResNet resnet44(const ModelOptions& options) { return deep(44, options); }
CifarResNet resnet56(const ModelOptions& options) { return deep(56, options); }
CifarResNet resnet110(const ModelOptions& options) { return deep(110, options); }

}  // namespace minnow::zoo
