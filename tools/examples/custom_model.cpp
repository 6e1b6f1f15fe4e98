// Composes a network of one's own: a Module with a skip connection, a Sequential, a head for any size of input.
#include <iostream>

#include <minnow/minnow.h>

namespace nn = minnow::nn;
using minnow::Tensor;

// y = relu(x + f(x))
struct Residual : nn::Module {
  explicit Residual(int width) : channels(width) {}

  int channels;
  nn::Child<nn::Sequential> f = add(
      "f", nn::Sequential(nn::Conv2d(channels, channels, 3, {.padding = 1, .bias = false}), nn::BatchNorm2d(channels),
                          nn::ReLU(), nn::Conv2d(channels, channels, 3, {.padding = 1})));

  Tensor forward(const Tensor& x) const override { return minnow::relu(x + f(x)); }
};

struct SmallNet : nn::Module {
  nn::Child<nn::Sequential> features = add("features", nn::Sequential(nn::Conv2d(3, 16, 3, {.stride = 2, .padding = 1}),
                                                                      nn::ReLU(), Residual(16), Residual(16)));
  nn::Child<nn::AdaptiveAvgPool2d> avgpool = add("avgpool", nn::AdaptiveAvgPool2d(1));
  nn::Child<nn::Linear> fc = add("fc", nn::Linear(16, 10));

  Tensor forward(const Tensor& x) const override {  // [N, 3, H, W], any H and W
    const Tensor y = avgpool(features(x));          // [N, 16, 1, 1]
    return fc(y.flatten(1));                        // [N, 10]
  }
};

// The shape rules run at compile time, too: a wrong guess about the stem does not compile.
static_assert(minnow::conv2d_shape({1, 3, 33, 47}, {16, 3, 3, 3}, {.stride = 2, .padding = 1}) ==
              minnow::Shape{1, 16, 17, 24});

int main() {
  SmallNet net;
  net.eval();
  std::cout << net << "\n\n" << minnow::summary(net, {1, 3, 33, 47}) << '\n';

  for (const std::int64_t size : {1, 32, 57}) {
    std::cout << size << " x " << size << " pixels: " << net(minnow::rand({2, 3, size, size})).shape() << '\n';
  }

  net.fc = nn::Linear(16, 5);  // a head of the same kind
  std::cout << "five classes: " << net(minnow::rand({2, 3, 32, 32})).shape() << '\n';

  net.replace("fc", nn::Sequential(nn::Linear(16, 8), nn::ReLU(), nn::Linear(8, 2)));  // and one of another kind
  std::cout << "two classes: " << net(minnow::rand({2, 3, 32, 32})).shape() << '\n';
}
