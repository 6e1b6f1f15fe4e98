// A program of somebody else's, which sees only what is installed: it derives a module, composes it with a model of the
// zoo, catches an error across the library's border, and prints what went wrong if something does.
#include <minnow/minnow.h>
#include <minnow/zoo/zoo.h>

#include <cstddef>
#include <cstdio>
#include <string>

namespace nn = minnow::nn;
using minnow::Tensor;

struct SmallNet : nn::Module {
  nn::Child<nn::Conv2d> conv = add("conv", nn::Conv2d(3, 8, 3, {.padding = 1}));
  nn::Child<nn::Linear> fc = add("fc", nn::Linear(8, 4));

  Tensor forward(const Tensor& x) const override {
    Tensor y = minnow::adaptive_avg_pool2d(minnow::relu(conv(x)), 1);
    return fc(y.view({y.dim(0), -1}));
  }
};

// The message of the error that `function` throws; empty if it throws none.
static std::string error_of(auto&& function) {
  try {
    function();
    return "";
  } catch (const minnow::Error& error) {
    return error.what();
  }
}

static bool says(const std::string& message, const char* words) { return message.find(words) != std::string::npos; }

static int expect(bool holds, const char* what) {
  if (!holds) std::fprintf(stderr, "failed: %s\n", what);
  return holds ? 0 : 1;
}

int main() {
  SmallNet net;
  auto resnet = minnow::zoo::create("resnet20");
  const std::byte jpeg[] = {std::byte{0xff}, std::byte{0xd8}, std::byte{0xff}};
  const std::string broken_picture = error_of([&] { minnow::decode_image(jpeg); });
  const std::string wrong_channels = error_of([&] { net(minnow::zeros({2, 4, 5, 7})); });
  int failures = 0;
  failures += expect(net(minnow::zeros({2, 3, 5, 7})).shape() == minnow::Shape{2, 4}, "a model of one's own");
  failures += expect(resnet(minnow::zeros({1, 3, 32, 32})).shape() == minnow::Shape{1, 10}, "a model of the zoo");
  failures += expect(says(wrong_channels, "conv: "), "an error that names the place");
  failures += expect(says(broken_picture, "built without libjpeg") == !OUTSIDE_WITH_JPEG, "pictures as configured");
  return failures;
}
