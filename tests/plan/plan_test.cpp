#include <minnow/plan/plan.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <random>
#include <stdexcept>

#include <minnow/core/random.h>
#include <minnow/ops/adaptive_avg_pool2d.h>
#include <minnow/ops/argmax.h>
#include <minnow/ops/binary.h>
#include <minnow/ops/cat.h>
#include <minnow/ops/compare.h>
#include <minnow/ops/conv2d.h>
#include <minnow/ops/custom.h>
#include <minnow/ops/index_select.h>
#include <minnow/ops/linear.h>
#include <minnow/ops/softmax.h>
#include <minnow/ops/unary.h>
#include <minnow/ops/view.h>
#include <minnow/plan/packed_weights.h>

#include "allocations.h"
#include "plan/random_outputs.h"
#include "plan/traced.h"

namespace minnow {
namespace {

using Function = std::function<Tensor(const Tensor&)>;

Plan plan_of(const Function& f, const Shape& input, PackedWeights& weights, const PlanOptions& options = {}) {
  return Plan(test::traced_graph(f, {input}), options, weights);
}

Tensor call(const Plan& plan, const Tensor& x) { return plan.run({&x, 1}).front(); }

void expect_same(const Function& f, const Shape& input) {
  PackedWeights weights;
  const Plan plan = plan_of(f, input, weights);
  const Tensor x = randn(input);
  EXPECT_TENSOR_NEAR(call(plan, x), f(x), 1e-5);
}

TEST(Plan, ChecksItsInputs) {
  PackedWeights weights;
  const Plan plan = plan_of([](const Tensor& x) { return relu(x); }, {1, 3}, weights);
  test::expect_error([&] { (void)plan.run({}); }, "takes 1 inputs, got 0");
  test::expect_error([&] { call(plan, ones({1, 4})); }, "made for an input [1, 3], got [1, 4]");
  EXPECT_THROW(call(plan, zeros({1, 3}, DType::int64)), Error);
}

TEST(Plan, ReadsInputsAtAnyAddressOfAFloat) {
  const Tensor weight = randn({20, 3, 3, 3});
  const Function f = [&](const Tensor& x) { return relu(conv2d(x, weight)); };
  PackedWeights weights;
  const Plan plan = plan_of(f, {1, 3, 6, 6}, weights);
  std::vector<float> memory(3 * 6 * 6 + 16);
  for (std::size_t i = 0; i < memory.size(); ++i) memory[i] = static_cast<float>(i % 7) - 3;
  for (std::size_t offset = 0; offset < 16; ++offset) {
    const std::shared_ptr<std::byte> at(reinterpret_cast<std::byte*>(memory.data() + offset), [](std::byte*) {});
    const Tensor x({1, 3, 6, 6}, DType::float32, at);
    EXPECT_TENSOR_NEAR(call(plan, x), f(x), 1e-5);
  }
}

TEST(Plan, ASumTakesTheMemoryOfAResidualThatNobodyElseReads) {
  const Tensor in = randn({32, 3, 3, 3}), w = randn({32, 32, 3, 3}) * 0.1, point = randn({32, 32, 1, 1}) * 0.1;
  const auto conv = [&](const Tensor& x) { return conv2d(x, w, {}, {.padding = 1}); };
  const auto first = [&](const Tensor& x) { return relu(conv2d(x, in, {}, {.padding = 1})); };
  const std::pair<Function, bool> cases[] = {// and whether the last sum and its residual share memory
                                             {[&](const Tensor& x) {
                                                const Tensor a = first(x);
                                                return relu(conv(conv(a)) + a);
                                              },
                                              true},
                                             {[&](const Tensor& x) {
                                                const Tensor a = first(x);
                                                return relu(conv2d(a, point) + a);
                                              },
                                              false},
                                             {[&](const Tensor& x) {
                                                const Tensor a = first(x);
                                                return relu(conv(conv(a)) + a) * a;
                                              },
                                              false}};
  for (const auto& [f, shared] : cases) {
    const Shape shape{2, 3, 9, 9};
    PackedWeights weights, others;
    const Plan plan = plan_of(f, shape, weights), apart = plan_of(f, shape, others, {.reuse_memory = false});
    const Tensor x = randn(shape);
    EXPECT_TENSOR_NEAR(call(plan, x), f(x), 1e-4);
    EXPECT_TENSOR_EQ(call(plan, x), call(apart, x));
    std::int64_t residual = -1, sum = -1;
    for (const StepInfo& step : plan.steps()) {
      if (step.op.find("conv2d") == std::string::npos) continue;
      if (residual < 0) residual = step.offset;
      if (step.op.find("+residual") != std::string::npos) sum = step.offset;
    }
    ASSERT_GE(sum, 0) << plan;
    EXPECT_EQ(sum == residual, shared) << plan;
  }
}

TEST(Plan, TheCallersInputIsNeverOverwritten) {
  const Tensor w = randn({32, 32, 3, 3}) * 0.1;
  const Function f = [&](const Tensor& x) {
    return conv2d(conv2d(x, w, {}, {.padding = 1}), w, {}, {.padding = 1}) + x;
  };
  for (const Shape& shape : {Shape{1, 32, 9, 9}, Shape{3, 32, 1, 1}}) {
    PackedWeights weights;
    const Plan plan = plan_of(f, shape, weights);
    const Tensor x = randn(shape), before = x.clone();
    EXPECT_TENSOR_NEAR(call(plan, x), f(x), 1e-4);
    EXPECT_TENSOR_EQ(x, before);
  }
}

// An arena is used again as it was left, and the lanes behind the last channel are never written.
TEST(Plan, NothingOfOneCallIsSeenByTheNext) {
  const Tensor w1 = randn({21, 5, 1, 1}), w2 = randn({11, 21, 3, 3}), depthwise = randn({11, 1, 3, 3});
  const Tensor head = randn({13, 11});
  const Function f = [&](const Tensor& x) {
    Tensor y = exp(conv2d(x, w1));
    y = 1.0 / conv2d(y, w2, {}, {.padding = 1});
    y = conv2d(y, depthwise, {}, {.padding = 1, .groups = 11});
    return log(linear(adaptive_avg_pool2d(y, 1).flatten(1), head) + 0.5) + 1.0;
  };
  for (const Shape& shape : {Shape{1, 5, 6, 6}, Shape{3, 5, 1, 1}, Shape{1, 5, 1, 1}}) {
    PackedWeights weights;
    const Plan plan = plan_of(f, shape, weights);
    const Tensor x = randn(shape), expected = call(plan, x);
    for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
      (void)call(plan, full(shape, bad));
      EXPECT_TENSOR_EQ(call(plan, x), expected);
    }
  }
}

TEST(Plan, WeightsMadeFromTheSameTensorAreToldApart) {
  const Tensor both = randn({8, 4, 3, 3});
  expect_same([&](const Tensor& x) { return conv2d(x, both.slice(0, 0, 4)) - conv2d(x, both.slice(0, 4, 8)); },
              {1, 4, 5, 5});
  expect_same([&](const Tensor& x) { return conv2d(x, both * 2.0) - conv2d(x, both * 0.5); }, {1, 4, 5, 5});
}

TEST(Plan, AWeightMayServeConvolutionsOfOtherGroupsAndSizes) {
  const Tensor weight = randn({64, 32, 1, 1});
  expect_same(
      [&](const Tensor& x) {  // the same kernel takes both
        return conv2d(conv2d(x, weight), weight, {}, {.groups = 2});
      },
      {1, 32, 9, 9});
  const Tensor matrix = randn({8, 4});
  expect_same(
      [&](const Tensor& x) {
        return linear(x, matrix) + conv2d(x.view({1, 4, 1, 1}), matrix.view({8, 4, 1, 1})).flatten(1);
      },
      {1, 4});
}

TEST(Plan, AWeightMayBeComputedFromTheInput) {
  const Tensor weight = randn({6, 4, 3, 3});
  expect_same([&](const Tensor& x) { return conv2d(x, weight * x.mean()); }, {2, 4, 5, 5});
}

// The lanes behind the last channel then hold infinities, and no convolution may take them for zeros.
TEST(Plan, WhatOpsMakeOfNoChannelReachesNoConvolution) {
  const Tensor first = rand({20, 3, 3, 3}) + 0.1;
  for (const std::int64_t kernel : {1, 3}) {
    for (const std::int64_t stride : {1, 2}) {
      const Tensor second = randn({40, 20, kernel, kernel});
      const auto f = [&](const Tensor& x) {
        return conv2d(1.0 / conv2d(abs(x) + 1.0, first), second, {}, {.stride = stride});
      };
      PackedWeights weights;
      const Plan plan = plan_of(f, {1, 3, 66, 66}, weights);
      const Tensor x = randn({1, 3, 66, 66});
      EXPECT_TENSOR_NEAR(call(plan, x), f(x), 1e-4);
    }
  }
}

TEST(Plan, ALinearLayerTreatsEachRowAlike) {
  const Tensor weight = randn({512, 1024});
  const Function f = [&](const Tensor& x) { return linear(x, weight); };
  PackedWeights weights;
  const Plan plan = plan_of(f, {64, 1024}, weights);
  const Tensor x = randn({64, 1024});
  const Tensor turned = call(plan, cat({x.slice(0, 63, 64), x.slice(0, 0, 63)}, 0)), straight = call(plan, x);
  EXPECT_TENSOR_EQ(turned.slice(0, 1, 64), straight.slice(0, 0, 63));
}

TEST(Plan, GraphsAtRandomAnswerAsTheyDoOpByOp) {
  for (unsigned seed = 0; seed < 60; ++seed) {
    SCOPED_TRACE(seed);
    const std::int64_t channels = seed % 2 == 0 ? 4 : 19;
    const test::Outputs f = [&](const Tensor& x) {
      manual_seed(seed);
      std::mt19937 random(seed);
      return test::random_outputs(x, random);
    };
    const Tensor x = randn({2, channels, 5, 6});
    const std::vector<Tensor> expected = f(x);
    PackedWeights weights;
    const Plan plan(test::traced_graph(f, {x.shape()}), {}, weights);
    for (int call = 0; call < 2; ++call) {  // the second one in the memory of the first
      const std::vector<Tensor> actual = plan.run({&x, 1});
      ASSERT_EQ(actual.size(), expected.size());
      for (std::size_t i = 0; i < actual.size(); ++i) EXPECT_TENSOR_NEAR(actual[i], expected[i], 1e-4) << plan;
    }
    if (HasFailure()) return;
  }
}

TEST(Plan, StepsSayWhatIsDoneAndWhere) {
  const Tensor weight = randn({32, 32, 3, 3});
  PackedWeights weights;
  const Plan plan = plan_of([&](const Tensor& x) { return softmax(relu(conv2d(x, weight)), 1); }, {1, 32, 9, 9},
                            weights, {.winograd = false});
  ASSERT_EQ(plan.steps().size(), 4u);  // blocks, the convolution, plain again, the softmax
  const StepInfo& conv = plan.steps()[1];
  EXPECT_EQ(conv.op, "conv2d +clamp(0, inf)");
  EXPECT_EQ(conv.algorithm, "direct");
  EXPECT_EQ(conv.output, (Shape{1, 32, 7, 7}));
  EXPECT_TRUE(conv.format.starts_with("NCHW")) << conv.format;
  EXPECT_EQ(conv.multiply_adds, 32 * 49 * 32 * 9);
  EXPECT_EQ(plan.steps()[3].algorithm, "eager");
  for (const StepInfo& step : plan.steps()) {
    EXPECT_GE(step.offset, 0);
    EXPECT_LT(step.offset, plan.arena_bytes());
  }
}

// Four convolutions of one module, the root, each with another choice of algorithms.
Tensor four(const Tensor& x) {
  static const Tensor w1 = randn({32, 3, 3, 3}), w2 = randn({32, 32, 3, 3}), w3 = randn({64, 32, 1, 1}),
                      w4 = randn({10, 64});
  const Tensor y = relu(conv2d(relu(conv2d(relu(conv2d(x, w1)), w2, {}, {.padding = 1})), w3));
  return linear(adaptive_avg_pool2d(y, 1).flatten(1), w4);
}

TEST(Plan, WhatWasTunedIsPinnedForTheSameBits) {
  const Shape shape{1, 3, 20, 20};
  PackedWeights weights, others;
  const Plan tuned = plan_of(four, shape, weights, {.tune = true});
  EXPECT_EQ(tuned.algorithms().size(), 4u);
  const Plan pinned = plan_of(four, shape, others, {.algorithms = tuned.algorithms()});
  EXPECT_EQ(pinned.algorithms(), tuned.algorithms());
  const Tensor x = randn(shape);
  EXPECT_TENSOR_EQ(call(pinned, x), call(tuned, x));
}

TEST(Plan, EveryPinIsTaken) {
  const std::map<std::string, std::string> pins = {
      {"", "direct"}, {"#2", "winograd2"}, {"#3", "lanes"}, {"#4", "lanes"}};
  PackedWeights weights;
  const Plan plan = plan_of(four, {2, 3, 20, 20}, weights, {.algorithms = pins});
  EXPECT_EQ(plan.algorithms(), pins);
  const Tensor x = randn({2, 3, 20, 20});
  EXPECT_TENSOR_NEAR(call(plan, x), four(x), 1e-4);
  test::expect_error(
      [&] {
        plan_of(four, {2, 3, 20, 20}, weights, {.algorithms = {{"#5", "lanes"}}});
      },
      "no convolution is called so");
}

TEST(Plan, DescribesItsStepsAndWhatTheyDependOn) {
  PackedWeights weights;
  const Plan plan = plan_of(four, {1, 3, 20, 20}, weights);
  const std::string text = plan.describe();
  for (const StepInfo& step : plan.steps()) {
    for (const std::string& part : {step.path, step.op, step.algorithm, str(step.output), step.format}) {
      EXPECT_NE(text.find(part), std::string::npos) << part << " is not in\n" << text;
    }
  }
  EXPECT_NE(text.find(str("arena: ", plan.arena_bytes(), " bytes\n")), std::string::npos) << text;
  EXPECT_NE(text.find("instruction set: "), std::string::npos) << text;
  EXPECT_EQ(text.find("measured"), std::string::npos) << text;
  EXPECT_EQ(str(plan), text);
}

TEST(Plan, ATunedPlanSaysWhatWasMeasured) {
  PackedWeights weights;
  const Plan plan = plan_of(four, {1, 3, 20, 20}, weights, {.tune = true});
  const std::string text = plan.describe();
  EXPECT_NE(text.find("measured, in milliseconds"), std::string::npos) << text;
  int measured = 0;
  for (const StepInfo& step : plan.steps()) {
    if (step.measured.empty()) continue;
    ++measured;
    EXPECT_EQ(step.measured.front().algorithm, step.algorithm);
    EXPECT_NE(text.find('\n' + step.path + std::string(6 - step.path.size(), ' ') + step.algorithm + ' '),
              std::string::npos)
        << text;
  }
  EXPECT_EQ(measured, 3);  // for the first one, which reads plain pixels, there is one way
}

TEST(Plan, BuffersMayLieBeyond4GiB) {  // which is planned here, and not allocated
  const Tensor weight = randn({16, 16, 3, 3});
  PackedWeights weights;
  const std::int64_t side = 16384, GiB = std::int64_t{1} << 30;
  const Plan plan =
      plan_of([&](const Tensor& x) { return exp(conv2d(exp(conv2d(x, weight, {}, {.padding = 1})), weight)); },
              {1, 16, side, side}, weights);
  EXPECT_GT(plan.arena_bytes(), 32 * GiB);
  EXPECT_LT(plan.arena_bytes(), 64 * GiB);
  int beyond = 0;
  for (const StepInfo& step : plan.steps()) beyond += step.offset >= 4 * GiB;
  EXPECT_GE(beyond, 2) << plan;
  EXPECT_NE(plan.describe().find(std::to_string(plan.arena_bytes())), std::string::npos);
}

// An op that throws what the input is: nothing for 0, an Error for 1, something else for 2.
CustomFunction throwing() {
  return custom_op(
      "throwing", [](std::span<const Shape> in) { return in[0]; },
      [](std::span<const Tensor> in, Tensor& out) {
        const float first = in[0].data()[0];
        if (first == 1) fail("throwing: one");
        if (first == 2) throw std::out_of_range("two");
        std::copy_n(in[0].data(), in[0].numel(), out.data());
      });
}

TEST(Plan, WhatAnOpThrowsReachesTheCallerAndTheNextCallWorks) {
  PackedWeights weights;
  const auto op = throwing();
  const Plan plan = plan_of([&](const Tensor& x) { return exp(op({x * 1.0})); }, {1, 1000}, weights);
  const Tensor good = zeros({1, 1000});
  for (int i = 0; i < 2 * std::max(2, num_threads()); ++i) {  // an arena that were lost would be missed soon
    test::expect_error([&] { call(plan, ones({1, 1000})); }, "throwing: one");
    EXPECT_THROW(call(plan, full({1, 1000}, 2)), std::out_of_range);
    EXPECT_TENSOR_EQ(call(plan, good), ones({1, 1000}));
  }
#ifndef MINNOW_SANITIZED
  const int as_always = test::allocations([&] { call(plan, good); });
  EXPECT_THROW(call(plan, full({1, 1000}, 2)), std::out_of_range);
  EXPECT_EQ(test::allocations([&] { call(plan, good); }), as_always) << "another arena was made";
#endif
}

TEST(Plan, WholeNumbersTakeEightBytesInItsArena) {
  constexpr std::int64_t rows = 100;
  const Tensor table = randn({7, 3}), x = randn({rows, 7});
  const auto f = [&](const Tensor& in) {
    const Tensor most = argmax(in, 1), least = argmin(in, 1);
    const Tensor less = lt(most, least);
    return std::vector{index_select(table, 0, most), less, most};
  };
  PackedWeights weights;
  const Plan plan(test::traced_graph(f, {x.shape()}), {.reuse_memory = false}, weights);
  std::vector<std::string> formats;
  for (const StepInfo& step : plan.steps()) formats.push_back(step.format);
  EXPECT_EQ(formats, (std::vector<std::string>{"plain int64", "plain int64", "plain", "plain"})) << plan;
  const auto aligned = [](std::int64_t bytes) { return (bytes + 63) / 64 * 64; };
  // A copy of the input, which steps of ops want, two arrays of whole numbers, the comparison, the rows.
  EXPECT_EQ(plan.arena_bytes(),
            aligned(rows * 7 * 4) + 2 * aligned(rows * 8) + aligned(rows * 4) + aligned(rows * 3 * 4));
  for (const StepInfo& a : plan.steps()) {
    const std::int64_t end = a.offset + a.output.numel() * (a.format == "plain" ? 4 : 8);
    for (const StepInfo& b : plan.steps()) EXPECT_TRUE(b.offset <= a.offset || b.offset >= end) << plan;
  }
  const std::vector<Tensor> expected = f(x), actual = plan.run({&x, 1});
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_TENSOR_EQ(actual[i], expected[i]);
}

TEST(Plan, TimesItsStepsWhenAsked) {
  PackedWeights weights;
  const Plan plan = plan_of([](const Tensor& x) { return exp(exp(x)); }, {1, 100'000}, weights);
  std::vector<double> seconds(plan.steps().size());
  const Tensor x = zeros({1, 100'000});
  (void)plan.run({&x, 1}, seconds);
  const std::vector<double> once = seconds;
  (void)plan.run({&x, 1}, seconds);
  ASSERT_EQ(seconds.size(), 2u);
  for (std::size_t i = 0; i < seconds.size(); ++i) EXPECT_GT(seconds[i], once[i]);
  EXPECT_GT(once[0], 0);
}

TEST(Plan, WhatNoMemoryHoldsIsAnError) {
  test::expect_error(
      [] {
        compile(nn::AnyModule([](const Tensor& x) {
                  return x.expand({1LL << 31, 1LL << 31}).sum();
                }),
                {1, 1})(ones({1, 1}));
      },
      "memory");
}

}  // namespace
}  // namespace minnow
