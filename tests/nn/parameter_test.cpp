#include <gtest/gtest.h>

#include <minnow/core/random.h>
#include <minnow/nn/linear.h>
#include <minnow/nn/parameter.h>
#include <minnow/nn/sequential.h>

#include "support.h"

namespace minnow::nn {
namespace {

struct DrawnNet : Module {
  Child<Linear> a = add("a", Linear(5, 4));
  Child<Linear> b = add("b", Linear(5, 4));
  Tensor forward(const Tensor& x) const override { return a(x); }
};

struct Seed {  // puts the seed back
  explicit Seed(std::uint64_t seed) { manual_seed(seed); }
  ~Seed() { manual_seed(0); }
};

TEST(Parameter, IsDrawnOnFirstUseAndNotBefore) {
  const DrawnNet net;
  EXPECT_FALSE(net.a->weight.has_value());
  net(zeros({1, 5}));
  EXPECT_TRUE(net.a->weight.has_value());
  EXPECT_FALSE(net.b->weight.has_value());
}

TEST(Parameter, DependsOnSeedAndPlaceAlone) {
  const Seed seed(3);
  const DrawnNet first;
  const Tensor a = first.a->weight, b = first.b->weight;
  (void)rand({100});  // other random numbers in between
  const DrawnNet second;
  const Tensor b2 = second.b->weight, a2 = second.a->weight;  // the other way round
  EXPECT_TENSOR_EQ(a2, a);
  EXPECT_TENSOR_EQ(b2, b);
  EXPECT_FALSE(test::same(a, b));
  manual_seed(4);
  EXPECT_FALSE(test::same(DrawnNet().a->weight.value(), a));
}

TEST(Parameter, DependsOnThePlaceAtTheTimeOfUse) {
  const Seed seed(3);
  const Sequential direct{DrawnNet(), DrawnNet()};
  DrawnNet net;
  Sequential moved;
  moved.push_back(std::move(net)).push_back(DrawnNet());
  EXPECT_TENSOR_EQ(moved.state_dict()["0.a.weight"].value(), direct.state_dict()["0.a.weight"].value());
  EXPECT_FALSE(test::same(direct.state_dict()["0.a.weight"].value(), direct.state_dict()["1.a.weight"].value()));
}

TEST(Parameter, KeepsWhatWasAssigned) {
  DrawnNet net;
  const Tensor value = rand({4, 5});
  net.a->weight = value;
  EXPECT_EQ(net.a->weight.value().data(), value.data());
  net(zeros({1, 5}));
  EXPECT_TENSOR_EQ(net.state_dict()["a.weight"].value(), value);
}

TEST(Parameter, RefusesAnotherShapeOrType) {
  DrawnNet net;
  test::expect_error([&] { net.a->weight = zeros({5, 4}); }, "a.weight: expected float32 [4, 5], got float32 [5, 4]");
  test::expect_error([&] { net.a->bias = zeros({4}, DType::int64); }, "a.bias: expected float32 [4], got int64 [4]");
  EXPECT_FALSE(net.a->weight.has_value());
}

TEST(Parameter, TakesAnotherInitialisationUntilItIsDrawn) {
  const DrawnNet net;
  net.a->weight.set_init(Init::constant(0.25f));
  EXPECT_TENSOR_EQ(net.a->weight.value(), full({4, 5}, 0.25));
  net.a->weight.set_init(Init::constant(0.5f));
  EXPECT_TENSOR_EQ(net.a->weight.value(), full({4, 5}, 0.25));
}

}  // namespace
}  // namespace minnow::nn

// Where nothing of minnow's is in scope.
namespace elsewhere {
minnow::Tensor scaled(const minnow::nn::Linear& layer) {
  return 2.0 * layer.weight + layer.weight * 0.5 - layer.weight;
}
}  // namespace elsewhere

namespace minnow::nn {
namespace {

TEST(Parameter, IsItsValuesInArithmeticWhereverItIsWritten) {
  const Linear layer(2, 3);
  EXPECT_TENSOR_NEAR(elsewhere::scaled(layer), layer.weight.value() * 1.5, 1e-6);
}

TEST(Parameter, IsNotAssignedFromAnotherHandle) {
  static_assert(!std::is_copy_assignable_v<Parameter>);  // values or handle?
  Linear a(2, 3), b(2, 3);
  a.weight = b.weight.value();
  EXPECT_TENSOR_EQ(a.state_dict()["weight"].value(), b.weight.value());
}

TEST(Parameter, OfAReplacedModuleSaysSo) {
  Sequential net(Linear(2, 3), Linear(3, 2));
  const Parameter weight = net.get<Linear>("0").weight;
  const Tensor value = weight.value();
  net.replace("0", Linear(2, 3));
  for (const auto& use :
       std::vector<std::function<void()>>{[&] { (void)weight.value(); }, [&] { weight.assign(value); }}) {
    test::expect_error(use, "weight: the module it belonged to has been replaced");
  }
}

TEST(Parameter, AnAbsentOneIsAnUndefinedTensor) {
  const Linear fc(3, 2, {.bias = false});
  EXPECT_FALSE(fc.bias.defined());
  EXPECT_FALSE(fc.bias.value().defined());
  test::expect_error([&] { (void)fc.bias.shape(); }, "absent");
}

TEST(Parameter, DrawsTorchsDefaultForLinearLayers) {
  const Tensor weight = Linear(100, 50).weight;  // uniform within 1 / sqrt(100)
  float low = 0, high = 0;
  for (const float value : weight.span()) low = std::min(low, value), high = std::max(high, value);
  EXPECT_GE(low, -0.1f);
  EXPECT_LT(low, -0.099f);
  EXPECT_LE(high, 0.1f);
  EXPECT_GT(high, 0.099f);
}

}  // namespace
}  // namespace minnow::nn
