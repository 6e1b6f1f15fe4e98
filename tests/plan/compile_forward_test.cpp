#include <minnow/compile.h>
#include <minnow/nn/linear.h>
#include <minnow/nn/sequential.h>
#include <minnow/ops/binary.h>
#include <minnow/ops/conv2d.h>
#include <minnow/ops/reduce.h>

#include "support.h"

// What a model's forward may do, and what it may not.
namespace minnow {
namespace {

TEST(Compile, WeightsMadeInScratchMemoryAreThoseOfEachPlan) {
  const Tensor scratch = zeros({16, 16, 3, 3}), weight = randn({16, 16, 3, 3});
  const auto scaled = [=](const Tensor& x) {
    Tensor w = scratch;
    w *= 0.0;
    w += weight;
    w *= static_cast<double>(x.dim(0));
    return conv2d(x, w);
  };
  const CompiledModel model = compile(nn::AnyModule(scaled));
  for (const std::int64_t batch : {1, 2, 1}) {
    const Tensor x = randn({batch, 16, 5, 5});
    const Tensor fast = model(x);  // before eager writes to the scratch memory
    EXPECT_TENSOR_NEAR(fast, scaled(x), 1e-3);
  }
}

TEST(Compile, AModelThatCallsItsOwnCompiledFormSaysSo) {
  struct Fast : nn::Module {
    nn::Child<nn::Linear> fc = add("fc", nn::Linear(3, 3));
    mutable std::shared_ptr<CompiledModel> fast{};
    bool constant = false;
    Tensor forward(const Tensor& x) const override {
      if (!fast) fast = std::make_shared<CompiledModel>(compile(*this));
      return (*fast)(constant ? ones({2, 3}) : x);
    }
  };
  Fast model;
  test::expect_error([&] { (void)model(ones({1, 3})); }, "a compiled model cannot be traced or summarised");
  model.constant = true;
  test::expect_error(
      [&] {
        (void)model(ones({1, 3}));
      },
      "the model calls the compiled model that is being made from it");
}

TEST(Compile, AModelThatStoresWhatItComputedKeepsItsValues) {
  struct Counting : nn::Module {
    nn::Parameter mean = buffer("mean", {3}, nn::Init::constant(2));
    Tensor forward(const Tensor& x) const override {
      mean.assign(x.mean(0));
      return x - mean;
    }
  };
  const Counting model;
  (void)model.mean.value();
  test::expect_error(
      [&] {
        (void)compile(model).plan({2, 3});
      },
      "mean: what depends on the input of a model that is traced cannot be assigned");
  EXPECT_TENSOR_EQ(model.mean.value(), full({3}, 2));
}

TEST(Compile, AForwardThatDependsOnValuesIsAnError) {
  nn::Sequential net([](const Tensor& x) { return x.sum().item() > 0 ? relu(x) : x; });
  test::expect_error([&] { (void)compile(net)(ones({1, 3})); }, "0: item: the values of the result of sum, [], are");
  const nn::Sequential loop([](const Tensor& x) { return exp(x).span()[0] > 0 ? relu(x) : x; });
  test::expect_error([&] { (void)compile(loop)(ones({1, 3})); }, "0: the values of the result of exp, [1, 3], are");
}

}  // namespace
}  // namespace minnow
