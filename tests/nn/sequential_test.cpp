#include <gtest/gtest.h>

#include <minnow/nn/lambda.h>
#include <minnow/nn/linear.h>
#include <minnow/nn/relu.h>
#include <minnow/nn/sequential.h>
#include <minnow/ops/binary.h>

#include "support.h"

namespace minnow::nn {
namespace {

TEST(Sequential, CallsOneAfterTheOther) {
  const Sequential net{[](const Tensor& x) { return x + 1.0; }, [](const Tensor& x) { return x * 3.0; }};
  EXPECT_TENSOR_EQ(net(tensor({1, 2})), tensor({6, 9}));
  const Tensor x = tensor({1, 2});
  EXPECT_TENSOR_EQ(Sequential()(x), x);
}

TEST(Sequential, GrowsAndIsIndexedAndIterated) {
  Sequential net;
  EXPECT_TRUE(net.empty());
  net.push_back(Linear(2, 3)).push_back(ReLU()).push_back(Linear(3, 4));
  EXPECT_EQ(net.size(), 3u);
  EXPECT_EQ(net[1].kind(), "ReLU");
  EXPECT_EQ(net.get<Linear>("2").out_features, 4);
  std::string kinds;
  for (const auto& module : net) kinds += module->kind() + ' ';
  EXPECT_EQ(kinds, "Linear ReLU Linear ");
  test::expect_error([&] { net[3]; }, "there is no module 3 among 3");
}

TEST(Sequential, OfASingleSequentialIsAMove) {
  const Sequential net{Sequential(ReLU(), ReLU())};
  EXPECT_EQ(net.size(), 2u);
}

TEST(Sequential, NestsWhenAskedTo) {
  const Sequential one = Sequential::of(Sequential(ReLU(), Linear(2, 2)));
  EXPECT_EQ(one.size(), 1u);
  EXPECT_EQ(one.state_dict().front().name, "0.1.weight");
  const Sequential two{Sequential(ReLU()), Sequential(Linear(2, 2), ReLU())};
  EXPECT_EQ(two.size(), 2u);
  EXPECT_EQ(two.state_dict().front().name, "1.0.weight");
}

TEST(Sequential, KeepsItsModulesWhenMoved) {
  Sequential net{Linear(2, 3), ReLU()};
  const Tensor x = rand({5, 2}), y = net(x);
  Sequential moved = std::move(net);
  EXPECT_TENSOR_EQ(moved(x), y);
  moved.push_back(Linear(3, 1));
  EXPECT_EQ(moved(x).shape(), (Shape{5, 1}));
  net = Sequential(ReLU());
  EXPECT_TENSOR_EQ(net(x), x);
}

TEST(Sequential, TakesAModuleOfAKindKnownAtRunTime) {
  AnyModule any = Linear(2, 2);
  const Sequential net{std::move(any), ReLU()};
  EXPECT_EQ(net.size(), 2u);
  EXPECT_EQ(net[0].kind(), "Linear");
}

TEST(Sequential, AnErrorNamesTheModuleByItsNumber) {
  const Sequential net{Linear(2, 3), Linear(4, 1)};
  test::expect_error([&] { net(zeros({1, 2})); }, "1: ");
}

TEST(Lambda, IsAModuleWithoutParameters) {
  const AnyModule twice = [](const Tensor& x) { return x * 2.0; };
  EXPECT_TENSOR_EQ(twice(tensor({1, 2})), tensor({2, 4}));
  EXPECT_EQ(twice->kind(), "Lambda");
  EXPECT_TRUE(twice->state_dict().empty());
  EXPECT_TENSOR_EQ(clone(twice)(tensor({1, 2})), tensor({2, 4}));
}

// PyTorch's Sequential(net.conv, net.bn) shares its parts; here that would lose their parameters.
static_assert(!std::constructible_from<Sequential, Child<Conv2d>&, ReLU>);
static_assert(!std::constructible_from<Sequential, Child<Conv2d>, ReLU>);
static_assert(!std::constructible_from<Sequential, Conv2d&, ReLU>);
static_assert(!std::constructible_from<AnyModule, const Conv2d&>);
static_assert(std::constructible_from<Sequential, Conv2d, AnyModule, ReLU>);

TEST(Sequential, AnEmptyFunctionIsAnError) {
  test::expect_error([] { Sequential(std::function<Tensor(const Tensor&)>{}); }, "Lambda: the function is empty");
}

}  // namespace
}  // namespace minnow::nn
