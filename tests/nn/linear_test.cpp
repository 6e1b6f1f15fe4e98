#include <minnow/nn/linear.h>

#include <algorithm>

#include "support.h"

namespace minnow {
namespace {

using test::tensor_of;

TEST(Linear, GivesTorchsNumbersFromTorchsWeights) {
  for (const auto& golden : test::golden("linear.json")) {
    const Tensor weight = tensor_of(golden["weight"]);
    if (weight.numel() == 0) continue;
    nn::Linear layer(weight.dim(1), weight.dim(0), {.bias = golden.contains("bias")});
    layer.weight = weight;
    if (layer.bias.defined()) layer.bias = tensor_of(golden["bias"]);
    EXPECT_TENSOR_NEAR(layer(tensor_of(golden["x"])), tensor_of(golden["y"]), 1e-5);
  }
}

TEST(Linear, DrawsUniformWithinOneOverTheRootOfTheFanIn) {
  const nn::Linear layer(64, 100);
  const Tensor weight = layer.weight;
  const auto values = weight.span();
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  EXPECT_GE(*low, -0.125f);
  EXPECT_LE(*high, 0.125f);
  EXPECT_LT(*low, -0.12f);
  EXPECT_GT(*high, 0.12f);
}

TEST(Linear, IsNamedAsTorchs) {
  const auto state = nn::Linear(3, 2).state_dict();
  ASSERT_EQ(state.size(), 2u);
  EXPECT_EQ(state[0].name, "weight");
  EXPECT_EQ(state[0].parameter.shape(), (Shape{2, 3}));
  EXPECT_EQ(state[1].name, "bias");
  EXPECT_EQ(nn::Linear(3, 2, {.bias = false}).state_dict().size(), 1u);
}

}  // namespace
}  // namespace minnow
