#include <minnow/nn/conv2d.h>

#include <algorithm>

#include <minnow/core/random.h>
#include "support.h"

namespace minnow {
namespace {

using test::expect_error, test::tensor_of;

Pair pair_of(const nlohmann::json& value) {
  return value.is_array() ? Pair(value[0].get<int>(), value[1].get<int>()) : Pair(value.get<int>());
}

TEST(Conv2dLayer, GivesTorchsNumbersFromTorchsWeights) {
  for (const auto file = test::golden("layers.json"); const auto& golden : file.at("conv2d")) {
    const auto& options = golden["options"];
    SCOPED_TRACE(options);
    const auto get = [&](const char* name, Pair otherwise) {
      return options.contains(name) ? pair_of(options[name]) : otherwise;
    };
    const bool named = options.contains("padding") && options["padding"].is_string();
    const nn::Conv2d conv(
        golden["in"].get<int>(), golden["out"].get<int>(), get("kernel_size", 1),
        {.stride = get("stride", 1),
         .padding = named ? Padding(options["padding"].get<std::string>().c_str()) : Padding(get("padding", 0)),
         .dilation = get("dilation", 1),
         .groups = options.value("groups", 1),
         .bias = options.value("bias", true)});
    const auto state = conv.state_dict();
    ASSERT_EQ(state.size(), golden["state"].size());
    for (const auto& [name, parameter] : state) parameter.assign(tensor_of(golden["state"][name]));
    EXPECT_TENSOR_NEAR(conv(tensor_of(golden["x"])), tensor_of(golden["y"]), 1e-5);
  }
}

TEST(Conv2dLayer, TakesEveryFormOfPadding) {
  const Tensor x = ones({1, 2, 5, 6});
  EXPECT_EQ(nn::Conv2d(2, 3, 3)(x).shape(), (Shape{1, 3, 3, 4}));
  EXPECT_EQ(nn::Conv2d(2, 3, 3, {.padding = 0})(x).shape(), (Shape{1, 3, 3, 4}));
  EXPECT_EQ(nn::Conv2d(2, 3, 3, {.padding = 1})(x).shape(), (Shape{1, 3, 5, 6}));
  EXPECT_EQ(nn::Conv2d(2, 3, 3, {.padding = {1, 2}})(x).shape(), (Shape{1, 3, 5, 8}));
  EXPECT_EQ(nn::Conv2d(2, 3, {4, 3}, {.padding = "same"})(x).shape(), (Shape{1, 3, 5, 6}));
  EXPECT_EQ(nn::Conv2d(2, 3, 3, {.padding = "valid"})(x).shape(), (Shape{1, 3, 3, 4}));
}

TEST(Conv2dLayer, DrawsUniformWithinOneOverTheRootOfTheFanIn) {
  const nn::Conv2d conv(32, 64, 3, {.groups = 2});  // fan-in 16 * 9 = 144
  const Tensor weight = conv.weight;
  const auto values = weight.span();
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  EXPECT_GE(*low, -1.0f / 12);
  EXPECT_LE(*high, 1.0f / 12);
  EXPECT_LT(*low, -0.95f / 12);
  EXPECT_GT(*high, 0.95f / 12);
  const Tensor bias = conv.bias;
  for (const float value : bias.span()) EXPECT_LE(std::abs(value), 1.0f / 12);
}

TEST(Conv2dLayer, RefusesWhatCannotWorkWhenItIsMade) {
  expect_error([] { nn::Conv2d(3, 8, 3, {.groups = 2}); }, "3 input and 8 output channels do not divide by 2 groups");
  expect_error([] { nn::Conv2d(4, 7, 3, {.groups = 2}); }, "4 input and 7 output channels do not divide by 2 groups");
  expect_error([] { nn::Conv2d(4, 4, 3, {.groups = 0}); }, "groups must be positive, got 0");
  expect_error([] { nn::Conv2d(4, 4, 3, {.stride = 2, .padding = "same"}); }, "needs stride 1, got stride (2, 2)");
  expect_error([] { nn::Conv2d(4, 4, 0); }, "must be positive");
  expect_error([] { nn::Conv2d(4, 4, 3, {.padding = "full"}); }, "expected \"same\" or \"valid\"");
}

TEST(Conv2dLayer, ErrorsNameBothShapes) {
  const nn::Conv2d conv(256, 8, 3);
  expect_error([&] { conv(ones({1, 128, 14, 14})); }, "expected 256 input channels");
  expect_error([&] { conv(ones({1, 128, 14, 14})); }, "[1, 128, 14, 14]");
}

}  // namespace
}  // namespace minnow
