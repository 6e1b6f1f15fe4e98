#include "models.h"

#include <minnow/minnow.h>
#include <minnow/zoo/zoo.h>

namespace minnow::bench {
namespace {

struct Vgg : nn::Module {
  nn::Child<nn::Sequential> features = add("features", layers());
  nn::Child<nn::AdaptiveAvgPool2d> avgpool = add("avgpool", nn::AdaptiveAvgPool2d({7, 7}));
  nn::Child<nn::Sequential> classifier =
      add("classifier", nn::Sequential(nn::Linear(512 * 7 * 7, 4096), nn::ReLU(), nn::Dropout(), nn::Linear(4096, 4096),
                                       nn::ReLU(), nn::Dropout(), nn::Linear(4096, 1000)));

  Tensor forward(const Tensor& x) const override { return classifier(avgpool(features(x)).flatten(1)); }

  static nn::Sequential layers() {
    nn::Sequential result;
    std::int64_t in = 3;
    for (const std::int64_t out : {64, 64, 0, 128, 128, 0, 256, 256, 256, 0, 512, 512, 512, 0, 512, 512, 512, 0}) {
      if (out == 0) {
        result.push_back(nn::MaxPool2d(2));
        continue;
      }
      result.push_back(nn::Conv2d(in, out, 3, {.padding = 1}));
      result.push_back(nn::ReLU());
      in = out;
    }
    return result;
  }
};

nn::Sequential conv_norm_relu6(std::int64_t in, std::int64_t out, std::int64_t kernel, std::int64_t stride,
                               std::int64_t groups) {
  return nn::Sequential(
      nn::Conv2d(in, out, kernel, {.stride = stride, .padding = (kernel - 1) / 2, .groups = groups, .bias = false}),
      nn::BatchNorm2d(out), nn::ReLU6());
}

struct InvertedResidual : nn::Module {
  InvertedResidual(std::int64_t in, std::int64_t out, std::int64_t stride, std::int64_t expansion)
      : residual(stride == 1 && in == out), conv(add("conv", layers(in, out, stride, expansion))) {}

  Tensor forward(const Tensor& x) const override { return residual ? x + conv(x) : conv(x); }

  static nn::Sequential layers(std::int64_t in, std::int64_t out, std::int64_t stride, std::int64_t expansion) {
    const std::int64_t hidden = in * expansion;
    nn::Sequential result;
    if (expansion != 1) result.push_back(conv_norm_relu6(in, hidden, 1, 1, 1));
    result.push_back(conv_norm_relu6(hidden, hidden, 3, stride, hidden));
    result.push_back(nn::Conv2d(hidden, out, 1, {.bias = false}));
    result.push_back(nn::BatchNorm2d(out));
    return result;
  }

  bool residual;
  nn::Child<nn::Sequential> conv;
};

struct MobileNetV2 : nn::Module {
  nn::Child<nn::Sequential> features = add("features", layers());
  nn::Child<nn::Sequential> classifier = add("classifier", nn::Sequential(nn::Dropout(0.2), nn::Linear(1280, 1000)));

  Tensor forward(const Tensor& x) const override { return classifier(adaptive_avg_pool2d(features(x), 1).flatten(1)); }

  static nn::Sequential layers() {
    struct Stage {
      std::int64_t expansion, channels, blocks, stride;
    };
    nn::Sequential result;
    result.push_back(conv_norm_relu6(3, 32, 3, 2, 1));
    std::int64_t in = 32;
    for (const auto& [expansion, channels, blocks, stride] :
         {Stage{1, 16, 1, 1}, Stage{6, 24, 2, 2}, Stage{6, 32, 3, 2}, Stage{6, 64, 4, 2}, Stage{6, 96, 3, 1},
          Stage{6, 160, 3, 2}, Stage{6, 320, 1, 1}}) {
      for (std::int64_t block = 0; block < blocks; ++block) {
        result.push_back(InvertedResidual(in, channels, block == 0 ? stride : 1, expansion));
        in = channels;
      }
    }
    result.push_back(conv_norm_relu6(in, 1280, 1, 1, 1));
    return result;
  }
};

nn::AnyModule in_eval(nn::AnyModule model) {
  model->eval();
  return model;
}

}  // namespace

nn::AnyModule vgg16() { return in_eval(Vgg()); }

nn::AnyModule mobilenet_v2() { return in_eval(MobileNetV2()); }

nn::AnyModule create(const std::string& name) {
  if (name == "vgg16") return vgg16();
  if (name == "mobilenet_v2") return mobilenet_v2();
  return zoo::create(name);
}

}  // namespace minnow::bench
