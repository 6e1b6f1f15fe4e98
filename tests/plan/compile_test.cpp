#include <minnow/compile.h>
#include <minnow/core/threads.h>
#include <minnow/nn/adaptive_avg_pool2d.h>
#include <minnow/nn/adaptive_max_pool2d.h>
#include <minnow/nn/avg_pool2d.h>
#include <minnow/nn/batch_norm2d.h>
#include <minnow/nn/conv2d.h>
#include <minnow/nn/flatten.h>
#include <minnow/nn/hardswish.h>
#include <minnow/nn/linear.h>
#include <minnow/nn/max_pool2d.h>
#include <minnow/nn/relu.h>
#include <minnow/nn/relu6.h>
#include <minnow/nn/sequential.h>
#include <minnow/nn/summary.h>
#include <minnow/ops/binary.h>
#include <minnow/ops/cat.h>
#include <minnow/ops/custom.h>
#include <minnow/ops/index_select.h>
#include <minnow/ops/unary.h>

#include "support.h"

namespace minnow {
namespace {

// A residual network of odd sizes: channels that fill no vector, a strided branch, and every kind of pool.
struct Net : nn::Module {
  nn::Child<nn::Sequential> stem =
      add("stem", nn::Sequential(nn::Conv2d(3, 13, 5, {.stride = 2, .padding = 2, .bias = false}), nn::BatchNorm2d(13),
                                 nn::ReLU(), nn::MaxPool2d(3, {.stride = 2, .padding = 1})));
  nn::Child<nn::Conv2d> wide = add("wide", nn::Conv2d(13, 24, 3, {.padding = 1}));
  nn::Child<nn::Conv2d> depthwise = add("depthwise", nn::Conv2d(24, 24, 3, {.padding = 1, .groups = 24}));
  nn::Child<nn::Conv2d> grouped = add("grouped", nn::Conv2d(24, 24, 3, {.padding = 2, .dilation = 2, .groups = 4}));
  nn::Child<nn::Conv2d> narrow = add("narrow", nn::Conv2d(48, 10, 1));
  nn::Child<nn::Linear> fc = add("fc", nn::Linear(10, 7));

  Tensor forward(const Tensor& x) const override {
    const Tensor y = relu(wide(stem(x)));
    const Tensor sum = clamp(depthwise(y) + y, 0.0, 6.0);
    const Tensor both = cat({sum, hardswish(grouped(sum))}, 1);
    Tensor z = narrow(avg_pool2d(both, 2, {.padding = 1, .ceil_mode = true}));
    z = z + adaptive_max_pool2d(z, 1);
    z = adaptive_avg_pool2d(z, 1);
    return fc(z.flatten(1));
  }
};

template <class M>
M in_eval(M module) {
  module.eval();
  return module;
}

TEST(Compile, AnswersAsTheModelDoesForEachShape) {
  const Net net = in_eval(Net());
  const CompiledModel fast = compile(net);
  for (const Shape& shape : {Shape{1, 3, 32, 32}, Shape{3, 3, 33, 47}, Shape{2, 3, 7, 5}, Shape{1, 3, 1, 1}}) {
    const Tensor x = randn(shape);
    EXPECT_TENSOR_NEAR(fast(x), net(x), 1e-4);
    EXPECT_TENSOR_NEAR(fast(x), net(x), 1e-4);  // the plan's second call
  }
}

// A picture, and for each of the batch the number of a row of a table.
struct Conditioned : nn::Module {
  nn::Child<nn::Conv2d> conv = add("conv", nn::Conv2d(3, 8, 3, {.padding = 1}));
  nn::Parameter table = parameter("table", {5, 8}, nn::Init::normal(0, 1));

  Tensor forward(const nn::Inputs& inputs) const override {
    const Tensor y = conv(inputs[0]);
    return relu(y * index_select(table, 0, inputs[1]).view({-1, 8, 1, 1}));
  }
};

TEST(Compile, PlansForSeveralInputsAndOtherTypesAreAskedForAsTheyAreWritten) {
  const Conditioned net = in_eval(Conditioned());
  const CompiledModel fast = compile(net, {{2, 3, 8, 9}, {{2}, DType::int64}});
  const auto plan = fast.plan({{2, 3, 8, 9}, {{2}, DType::int64}});
  const std::vector<TensorSpec> specs = {{2, 3, 8, 9}, {{2}, DType::int64}};
  EXPECT_EQ(fast.plan(specs), plan);
  EXPECT_EQ(fast.plan(std::span(specs)), plan);
  EXPECT_EQ(fast.plan({Shape{2, 3, 8, 9}, TensorSpec{{2}, DType::int64}}), plan);
  const Tensor x = randn({2, 3, 8, 9}), rows = tensor<std::int64_t>({4, 1});
  EXPECT_TENSOR_NEAR(fast(x, rows), net(x, rows), 1e-5);
  EXPECT_GT(fast.memory(specs).arena, 0);
  EXPECT_NE(fast.describe(specs).find("index_select"), std::string::npos);

  const Tensor inputs[] = {x, ones({2})};
  test::expect_error([&] { (void)plan->run(inputs); }, "made for an input 1, int64 [2], got [2]");
}

TEST(Compile, OneInputIsAShapeOrAListOfOne) {
  const CompiledModel fast = compile(nn::Sequential(nn::ReLU()));
  const Shape shape{2, 3};
  const auto plan = fast.plan(shape);
  EXPECT_EQ(fast.plan({2, 3}), plan);
  EXPECT_EQ(fast.plan({{2, 3}}), plan);
  EXPECT_EQ(fast.plan({{shape, DType::float32}}), plan);
  const std::int64_t rows = 2;
  EXPECT_EQ(fast.plan({rows, 3}), plan);
  EXPECT_EQ(fast.plan({4}), fast.plan({{4}}));
}

TEST(Compile, InputsOfOneDimensionAreNotTakenForAShape) {
  struct Add : nn::Module {
    Tensor forward(const nn::Inputs& inputs) const override { return inputs[0] + inputs[1]; }
  };
  const CompiledModel fast = compile(Add());
  EXPECT_EQ(fast.plan({{4}, {4}})->steps().size(), 1u);
  EXPECT_TENSOR_EQ(fast(ones({4}), arange(4)), arange(4) + 1.0);
}

TEST(Compile, EverySwitchGivesTheSameAnswer) {
  const Net net = in_eval(Net());
  const Tensor x = randn({2, 3, 40, 40}), expected = net(x);
  for (const PlanOptions& options :
       {PlanOptions{.fold_batch_norm = false}, PlanOptions{.fuse = false}, PlanOptions{.blocked = false},
        PlanOptions{.winograd = false}, PlanOptions{.tune = true},
        PlanOptions{.fold_batch_norm = false, .fuse = false, .blocked = false}}) {
    EXPECT_TENSOR_NEAR(compile(net, options)(x), expected, 1e-4);
  }
}

TEST(Compile, TracesAsInEvalModeAndLeavesTheModelInItsMode) {
  Net net;
  EXPECT_TRUE(net.is_training());
  const CompiledModel fast = compile(net, {1, 3, 16, 16});
  EXPECT_TRUE(net.is_training());
  net.eval();
  const Tensor x = randn({1, 3, 16, 16});
  EXPECT_TENSOR_NEAR(fast(x), net(x), 1e-4);
}

TEST(Compile, TheSameBitsForAnyNumberOfThreadsAndPlaceInTheBatch) {
  const Tensor x = randn({3, 3, 37, 37});
  const int threads = num_threads();
  set_num_threads(5);  // a plan never uses more threads than there were when it was made
  const CompiledModel fast = compile(Net(), x.shape());
  set_num_threads(1);
  const Tensor alone = fast(x);
  for (const int count : {2, 3, 5}) {
    set_num_threads(count);
    EXPECT_TENSOR_EQ(fast(x), alone);
  }
  set_num_threads(threads);
  const Tensor turned = fast(cat({x.slice(0, 2, 3), x.slice(0, 0, 2)}, 0));
  EXPECT_TENSOR_EQ(turned.slice(0, 1, 3), alone.slice(0, 0, 2));
}

TEST(Compile, ACompiledModelIsNoPartOfATrace) {
  struct Wrapper : nn::Module {
    explicit Wrapper(CompiledModel m) : inner(std::move(m)) {}
    Tensor forward(const Tensor& x) const override { return inner(x); }
    CompiledModel inner;
  };
  const Wrapper wrapper(compile(nn::Sequential(nn::Conv2d(3, 4, 3)), {1, 3, 8, 8}));
  EXPECT_EQ(wrapper(ones({1, 3, 8, 8})).shape(), (Shape{1, 4, 6, 6}));
  test::expect_error([&] { (void)compile(wrapper, {1, 3, 8, 8}); }, "a compiled model cannot be traced");
}

TEST(Compile, OwnsAModelThatIsMovedIn) {
  Net net = in_eval(Net());
  const Tensor x = randn({1, 3, 16, 16}), expected = net(x);
  const CompiledModel fast = compile(std::move(net));
  EXPECT_TENSOR_NEAR(fast(x), expected, 1e-4);
}

TEST(Compile, AMovedCompiledModelSaysSo) {
  CompiledModel from = compile(nn::Sequential(nn::Linear(3, 3)));
  const CompiledModel to = std::move(from);
  const auto moved = "a compiled model is used that has been moved elsewhere";
  test::expect_error([&] { (void)from(ones({1, 3})); }, moved);
  test::expect_error([&] { from.refresh(); }, moved);
  EXPECT_EQ(to.run({ones({2, 3})}).front().shape(), (Shape{2, 3}));
}

TEST(Compile, ThrowsWhenTheModelItRefersToHasMovedOrDied) {
  auto net = std::make_unique<Net>();
  const CompiledModel fast = compile(*net, {1, 3, 16, 16});
  const Net moved = std::move(*net);
  EXPECT_THROW(fast(randn({1, 3, 16, 16})), Error);
  const CompiledModel other = compile(moved, {1, 3, 16, 16});
  EXPECT_NO_THROW(other(randn({1, 3, 16, 16})));
  auto short_lived = std::make_unique<Net>();
  const CompiledModel third = compile(*short_lived);
  short_lived.reset();
  EXPECT_THROW(third(randn({1, 3, 16, 16})), Error);
}

TEST(Compile, RefreshTakesOverNewWeights) {
  Net net = in_eval(Net());
  CompiledModel fast = compile(net);
  const Tensor x = randn({1, 3, 16, 16}), old = fast(x);
  net.wide->weight = randn(net.wide->weight.shape());
  EXPECT_TENSOR_EQ(fast(x), old);
  fast.refresh();
  EXPECT_TENSOR_NEAR(fast(x), net(x), 1e-4);
}

TEST(Compile, RefreshTakesOverWeightsThatWereWrittenOver) {
  Net net = in_eval(Net());
  CompiledModel fast = compile(net);
  const Tensor x = randn({1, 3, 16, 16});
  (void)fast(x);
  for (const char* name : {"wide.weight", "wide.bias", "stem.1.running_var", "depthwise.weight", "fc.weight"}) {
    Tensor values = net.state_dict()[name].value();
    values *= 3.0;
    fast.refresh();
    EXPECT_TENSOR_NEAR(fast(x), net(x), 1e-4) << name;
  }
}

TEST(Compile, RefreshFollowsAReplacedHead) {
  Net net = in_eval(Net());
  CompiledModel fast = compile(net);
  const Tensor x = randn({1, 3, 16, 16});
  EXPECT_EQ(fast(x).shape(), (Shape{1, 7}));
  net.fc = nn::Linear(10, 2);
  fast.refresh();
  EXPECT_TENSOR_NEAR(fast(x), net(x), 1e-4);
}

TEST(Compile, WhereRefreshThrowsCallsGoOnWithTheOldWeights) {
  Net net = in_eval(Net());
  CompiledModel fast = compile(net);
  const Tensor x = randn({1, 3, 16, 16}), other = randn({1, 3, 8, 8}), old = fast(x), old_other = fast(other);
  const auto expect_as_before = [&] {
    EXPECT_TENSOR_EQ(fast(x), old);
    EXPECT_TENSOR_EQ(fast(other), old_other);
  };
  const std::int64_t bytes = fast.memory(x.shape()).weights;
  net.wide->weight = randn(net.wide->weight.shape());

  const int hook = net.register_forward_hook("fc", [](const nn::Module&, std::span<const Tensor>, const Tensor&) {});
  test::expect_error([&] { fast.refresh(); }, "a model with forward hooks cannot be compiled");
  expect_as_before();
  net.remove_forward_hook("fc", hook);

  net.replace("fc", nn::Linear(11, 7));  // which the model's own call would refuse
  test::expect_error([&] { fast.refresh(); }, "fc: ");
  expect_as_before();
  EXPECT_EQ(fast.memory(x.shape()).weights, bytes);

  net.replace("fc", nn::Linear(10, 7));
  fast.refresh();
  EXPECT_TENSOR_NEAR(fast(x), net(x), 1e-4);
  EXPECT_TENSOR_NEAR(fast(other), net(other), 1e-4);
}

TEST(Compile, RefreshOfADeadModelSaysSoAndSoDoCalls) {
  auto net = std::make_unique<Net>();
  CompiledModel fast = compile(*net, {1, 3, 16, 16});
  net.reset();
  test::expect_error([&] { fast.refresh(); }, "has moved or died; compile it where it is now");
  test::expect_error([&] { (void)fast(randn({1, 3, 16, 16})); }, "has moved or died; compile it where it is now");
}

TEST(Compile, KeepsNoMorePlansThanItMay) {
  const CompiledModel fast = compile(Net(), {.max_plans = 2});
  const auto first = fast.plan({1, 3, 8, 8});
  EXPECT_EQ(fast.plan({1, 3, 8, 8}), first);
  (void)fast.plan({1, 3, 9, 9});
  const auto third = fast.plan({1, 3, 10, 10});
  EXPECT_NE(fast.plan({1, 3, 8, 8}), first);
  EXPECT_EQ(fast.plan({1, 3, 10, 10}), third);
  (void)fast.plan({1, 3, 11, 11});  // the one that was asked for longest ago goes
  EXPECT_EQ(fast.plan({1, 3, 10, 10}), third);
}

TEST(Compile, PlansForOtherSizesShareTheWeights) {
  const CompiledModel fast = compile(Net(), {.winograd = false});
  const auto once = fast.memory({1, 3, 32, 32}).weights;
  EXPECT_GT(once, 0);
  EXPECT_EQ(fast.memory({1, 3, 64, 64}).weights, once);
}

TEST(Compile, TapsGiveTheOutputsOfModulesWithin) {
  const Net net = in_eval(Net());
  const CompiledModel fast = compile(net, {.taps = {"stem", "narrow"}});
  const Tensor x = randn({1, 3, 20, 20});
  const auto outputs = fast.run({&x, 1});
  ASSERT_EQ(outputs.size(), 3u);
  EXPECT_TENSOR_NEAR(outputs[0], net(x), 1e-4);
  EXPECT_TENSOR_NEAR(outputs[1], net.stem(x), 1e-4);
  EXPECT_EQ(outputs[2].dim(1), 10);
  EXPECT_THROW(compile(net, {.taps = {"trunk"}}), Error);
}

TEST(Compile, ATapKeepsWhatTheModelOverwritesLater) {
  struct Residual : nn::Module {
    nn::Child<nn::Conv2d> conv = add("conv", nn::Conv2d(3, 3, 1));
    Tensor forward(const Tensor& x) const override {
      Tensor y = conv(x);
      y += x;
      return relu(y);
    }
  };
  const Residual net;
  const Tensor x = randn({1, 3, 4, 4});
  const std::vector<Tensor> outputs = compile(net, {.taps = {"conv"}}).run({&x, 1});
  EXPECT_TENSOR_NEAR(outputs.at(1), net.conv(x), 1e-5);
  EXPECT_TENSOR_NEAR(outputs.at(0), net(x), 1e-5);
}

TEST(Compile, APartOfAModelHasPathsOfItsOwn) {
  struct Whole : nn::Module {
    nn::Child<nn::Sequential> body = add("body", nn::Sequential(nn::Conv2d(3, 4, 1), nn::ReLU()));
    Tensor forward(const Tensor& x) const override { return body(x); }
  };
  const Whole whole;
  const CompiledModel part = compile(*whole.body, {.taps = {"0"}, .algorithms = {{"0", "direct"}}});
  EXPECT_EQ(part.plan({1, 3, 8, 8})->algorithms().count("0"), 1u);
  EXPECT_EQ(summary(*whole.body, {1, 3, 8, 8}).rows.front().path, "0");
  test::expect_error([&] { (void)part.plan({1, 5, 8, 8}); }, "0: conv2d");
}

TEST(Compile, APartThatIsReplacedHasDied) {
  struct Whole : nn::Module {
    nn::Child<nn::Sequential> body = add("body", nn::Sequential(nn::Linear(3, 3), nn::ReLU()));
  };
  Whole whole;
  CompiledModel part = compile(*whole.body), layer = compile(whole.get("body.0"));
  (void)part(rand({1, 3}));
  whole.body = nn::Sequential(nn::Linear(3, 3));
  const auto died = "has moved or died; compile it where it is now";
  test::expect_error([&] { (void)part(rand({1, 3})); }, died);
  test::expect_error([&] { part.refresh(); }, died);
  test::expect_error([&] { (void)layer(rand({1, 3})); }, died);
}

TEST(Compile, PathsBeginAtTheCompiledModelWhereverItIsCalled) {
  const CompiledModel inner = compile(nn::Sequential(nn::Conv2d(3, 4, 1)));
  const nn::Sequential outer(nn::ReLU(), [inner](const Tensor& x) { return inner(x); });
  (void)outer(zeros({1, 3, 8, 8}));
  EXPECT_EQ(inner.plan({1, 3, 8, 8})->algorithms().count("0"), 1u);
}

TEST(Compile, AModelWithHooksPointsToTaps) {
  Net net;
  net.register_forward_hook("stem", [](const nn::Module&, std::span<const Tensor>, const Tensor&) {});
  try {
    compile(net);
    FAIL() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("taps"), std::string::npos) << error.what();
  }
}

TEST(Compile, AnOpOfTheUsersOwnRunsInsideThePlan) {
  const auto twice = custom_op(
      "twice", [](std::span<const Shape> in) { return in[0]; },
      [](std::span<const Tensor> in, Tensor& out) {
        for (std::int64_t i = 0; i < in[0].numel(); ++i) out.data()[i] = 2 * in[0].data()[i];
      });
  nn::Sequential net(
      nn::Conv2d(3, 5, 3), [twice](const Tensor& x) { return twice({x}); }, nn::ReLU(), nn::Conv2d(5, 3, 1));
  net.eval();
  const Tensor x = randn({1, 3, 9, 9});
  EXPECT_TENSOR_NEAR(compile(net)(x), net(x), 1e-4);
}

TEST(Compile, AnErrorThatDependsOnValuesNamesTheModule) {
  struct Outer : nn::Module {
    nn::Child<Conditioned> head = add("head", Conditioned());
    Tensor forward(const nn::Inputs& inputs) const override { return head(inputs[0], inputs[1]); }
  };
  const CompiledModel fast = compile(Outer());
  test::expect_error(
      [&] {
        (void)fast(zeros({1, 3, 4, 4}), tensor<std::int64_t>({5}));
      },
      "head: index_select: index 5");
}

TEST(Compile, TheInputItselfAndAConstantMayBeOutputs) {
  const nn::Sequential same([](const Tensor& x) { return x; });
  const Tensor x = randn({1, 2, 3, 3});
  EXPECT_TENSOR_EQ(compile(same)(x), x);
  const nn::Sequential fixed([](const Tensor&) { return ones({2}); });
  EXPECT_TENSOR_EQ(compile(fixed)(x), ones({2}));
}

TEST(Compile, AnEmptyBatchGivesAnEmptyResult) {
  const Net net = in_eval(Net());
  EXPECT_EQ(compile(net)(empty({0, 3, 16, 16})).shape(), (Shape{0, 7}));
}

TEST(Compile, DescribeNamesTheStepsAndWhatPinsTheResult) {
  const std::string text = compile(Net()).describe({1, 3, 32, 32});
  for (const char* expected :
       {"stem.0", "grouped", "NCHW", "arena:", "packed weights:", "MINNOW_ISA", "PlanOptions::algorithms"}) {
    EXPECT_NE(text.find(expected), std::string::npos) << expected << " is not in\n" << text;
  }
}

}  // namespace
}  // namespace minnow
