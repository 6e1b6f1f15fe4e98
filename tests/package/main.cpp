// A program of somebody else's, which sees only what is installed: it derives modules, composes them with a model of
// the zoo, compiles, saves, loads and classifies, catches errors across the library's border, and prints what went
// wrong if something does.
#include <minnow/minnow.h>
#include <minnow/zoo/zoo.h>

#include <cmath>
#include <cstddef>
#include <cstdio>
#include <string>

namespace nn = minnow::nn;
using minnow::Tensor;

// A layer with a parameter of its own: y = x * weight
struct Gate : nn::Module {
  explicit Gate(std::int64_t width) : weight(parameter("weight", {width}, nn::fan_in_uniform(width))) {}

  nn::Parameter weight;

  Tensor forward(const Tensor& x) const override { return x * weight; }
};

struct SmallNet : nn::Module {
  nn::Child<nn::Conv2d> conv = add("conv", nn::Conv2d(3, 8, 3, {.padding = 1}));
  nn::Child<Gate> gate = add("gate", Gate(8));
  nn::Child<nn::Linear> fc = add("fc", nn::Linear(8, 4));

  Tensor forward(const Tensor& x) const override {
    Tensor y = minnow::adaptive_avg_pool2d(minnow::relu(conv(x)), 1);
    return fc(gate(y.view({y.dim(0), -1})));
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

static bool close(const Tensor& a, const Tensor& b) {
  if (a.shape() != b.shape()) return false;
  for (std::int64_t i = 0; i < a.numel(); ++i) {
    if (!(std::abs(a.data()[i] - b.data()[i]) <= 1e-5f)) return false;
  }
  return true;
}

static int expect(bool holds, const char* what) {
  if (!holds) std::fprintf(stderr, "failed: %s\n", what);
  return holds ? 0 : 1;
}

static int compose() {
  SmallNet net;
  auto resnet = minnow::zoo::create("resnet20");
  const std::string wrong_channels = error_of([&] { net(minnow::zeros({2, 4, 5, 7})); });
  int failures = 0;
  failures += expect(net(minnow::zeros({2, 3, 5, 7})).shape() == minnow::Shape{2, 4}, "a model of one's own");
  failures += expect(resnet(minnow::zeros({1, 3, 32, 32})).shape() == minnow::Shape{1, 10}, "a model of the zoo");
  failures += expect(says(wrong_channels, "conv: "), "an error that names the place");
  return failures;
}

static int compile_and_load() {
  SmallNet net, other;
  minnow::manual_seed(1);
  const Tensor x = minnow::rand({2, 3, 9, 7}), y = net(x);
  const auto fast = minnow::compile(net, {2, 3, 9, 7});
  minnow::save(net, "outside.safetensors");
  minnow::manual_seed(2);
  int failures = 0;
  failures += expect(close(fast(x), y), "a compiled model");
  failures += expect(!close(other(x), y), "another model's numbers");
  minnow::load(other, "outside.safetensors");
  failures += expect(close(other(x), y), "saved weights, loaded");
  failures +=
      expect(says(error_of([&] { minnow::load(net.fc, "outside.safetensors"); }), "unexpected"), "strict loading");
  return failures;
}

// The ship that comes with the project, or of a library without libpng a picture of one colour.
static minnow::Image picture() {
  if (OUTSIDE_WITH_PICTURES) return minnow::read_image(OUTSIDE_MINNOW "/tools/examples/pictures/ship.png");
  const std::uint8_t blue[] = {40, 80, 160};
  return minnow::Image::from_pixels(blue, 1, 1);
}

static int classify() {
  const auto classifier = minnow::zoo::open(OUTSIDE_MINNOW "/weights/resnet20-cifar10.json");
  const auto predictions = classifier.classify(picture(), 1);
  const std::byte jpeg[] = {std::byte{0xff}, std::byte{0xd8}, std::byte{0xff}};
  const std::string broken = error_of([&] { minnow::decode_image(jpeg); });
  int failures = 0;
  failures += expect(!OUTSIDE_WITH_PICTURES || predictions.at(0).label == "ship", "a ship");
  failures += expect(predictions.at(0).probability > 0.1f, "the most probable of ten");
  failures += expect(says(broken, "built without libjpeg") == !OUTSIDE_WITH_PICTURES, "pictures as configured");
  return failures;
}

int main() { return compose() + compile_and_load() + classify(); }
