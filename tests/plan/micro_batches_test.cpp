#include <minnow/plan/micro_batches.h>

#include <gtest/gtest.h>

#include <algorithm>

#include <minnow/core/threads.h>
#include <minnow/ops/adaptive_avg_pool2d.h>
#include <minnow/ops/binary.h>
#include <minnow/ops/cat.h>
#include <minnow/ops/compare.h>
#include <minnow/ops/conv2d.h>
#include <minnow/ops/linear.h>
#include <minnow/ops/max_pool2d.h>
#include <minnow/ops/softmax.h>
#include <minnow/ops/unary.h>
#include <minnow/ops/view.h>
#include <minnow/ops/where.h>
#include <minnow/plan/packed_weights.h>
#include <minnow/plan/passes/passes.h>
#include <minnow/plan/plan.h>

#include "plan/traced.h"
#include "walled.h"

namespace minnow {
namespace {

using test::Outputs;

/// While it lives, there are so many threads.
class Threads {
 public:
  explicit Threads(int count) : before_(num_threads()) { set_num_threads(count); }
  ~Threads() { set_num_threads(before_); }

 private:
  int before_;
};

/// A megabyte of activations an image, so that a micro-batch has one image in one thread.
const Shape kBatch{3, 8, 180, 180};

Tensor filter(const Tensor& x) {
  static const Tensor weight = randn({8, 8, 3, 3}) / 9.0;
  return conv2d(x, weight, {}, {.padding = 1});
}

Tensor classify(const Tensor& x) {
  static const Tensor weight = randn({4, 8});
  return linear(adaptive_avg_pool2d(x, {1, 1}).view({x.dim(0), 8}), weight);
}

/// What a plan that is made and run in so many threads gives.
Tensor output(const Outputs& f, int threads, const Tensor& x) {
  const Threads given(threads);
  PackedWeights weights;
  return Plan(test::traced_graph(f, {x.shape()}), {}, weights).run({&x, 1}).front();
}

std::string cut(const Outputs& f, const Shape& input, const PlanOptions& options = {}) {
  Graph graph = test::traced_graph(f, {input});
  rewrite(graph, options);
  cut_into_micro_batches(graph, options);
  return test::text_of(graph);
}

/// Expects micro-batches of so many images, and that with or without them a plan gives what f gives.
void expect_images(std::int64_t images, const Outputs& f, const Shape& input) {
  const Threads one(1);
  const TensorSpec spec{input};
  Graph graph = test::traced_graph(f, spec);
  rewrite(graph, {});
  cut_into_micro_batches(graph, {});
  EXPECT_EQ(micro_batches_of(graph).nodes > 0, images < input[0]) << test::text_of(graph);
  if (images < input[0]) {
    EXPECT_EQ(micro_batches_of(graph).images, images) << test::text_of(graph);
  }
  const Tensor x = randn(input);
  const std::vector<Tensor> expected = f(x);
  for (const bool micro_batches : {true, false}) {
    PackedWeights weights;
    const Plan plan(test::traced_graph(f, spec), {.micro_batches = micro_batches}, weights);
    const bool collects = std::ranges::any_of(plan.steps(), [](const StepInfo& s) { return s.algorithm == "copy"; });
    EXPECT_EQ(collects, micro_batches && images < input[0]);
    for (int call = 0; call < 2; ++call) {
      const std::vector<Tensor> outputs = plan.run({&x, 1});
      ASSERT_EQ(outputs.size(), expected.size());
      for (std::size_t i = 0; i < outputs.size(); ++i) EXPECT_TENSOR_NEAR(outputs[i], expected[i], 1e-4);
    }
  }
}

TEST(MicroBatches, TheFirstLayersTakeAFewImagesAndTheRestAll) {
  const Threads one(1);
  const Outputs f = [](const Tensor& x) { return std::vector{classify(filter(max_pool2d(relu(filter(x)), 2)))}; };
  EXPECT_EQ(cut(f, {3, 8, 180, 180}, {.micro_batches = false}), R"(input %0 [3, 8, 180, 180]
%3 = conv2d(%0, [8, 8, 3, 3]) padding=(1, 1) +clamp(0, inf) -> [3, 8, 180, 180]
%4 = max_pool2d(%3) kernel_size=(2, 2) stride=(2, 2) -> [3, 8, 90, 90]
%5 = conv2d(%4, [8, 8, 3, 3]) padding=(1, 1) -> [3, 8, 90, 90]
%6 = adaptive_avg_pool2d(%5) output_size=(1, 1) -> [3, 8, 1, 1]
%7 = view(%6) shape=[3, 8] -> [3, 8]
%9 = linear(%7, [4, 8]) -> [3, 4]
output %9
)");
  EXPECT_EQ(cut(f, {3, 8, 180, 180}), R"(input %0 [1, 8, 180, 180]
%3 = conv2d(%0, [8, 8, 3, 3]) padding=(1, 1) +clamp(0, inf) -> [1, 8, 180, 180]
%4 = max_pool2d(%3) kernel_size=(2, 2) stride=(2, 2) -> [1, 8, 90, 90]
%5 = conv2d(%4, [8, 8, 3, 3]) padding=(1, 1) -> [1, 8, 90, 90]
%6 = adaptive_avg_pool2d(%5) output_size=(1, 1) -> [1, 8, 1, 1]
%10 = collect(%6) -> [3, 8, 1, 1]
%7 = view(%10) shape=[3, 8] -> [3, 8]
%9 = linear(%7, [4, 8]) -> [3, 4]
output %9
)");
}

TEST(MicroBatches, AnswerAsTheWholeBatchDoes) {
  expect_images(
      1, [](const Tensor& x) { return std::vector{classify(filter(relu(filter(x))))}; }, kBatch);
}

TEST(MicroBatches, TheWholeGraphMayBeOfThem) {
  expect_images(
      1, [](const Tensor& x) { return std::vector{filter(filter(x))}; }, kBatch);
}

TEST(MicroBatches, WhatIsReadBehindTheCutIsCollectedOnce) {
  const Outputs f = [](const Tensor& x) {
    const Tensor a = filter(x), b = max_pool2d(relu(a), 2);
    return std::vector{classify(filter(b) + b), a, classify(softmax(b, 1)), b};
  };
  expect_images(1, f, kBatch);
}

TEST(MicroBatches, AnInputThatIsCopiedOrGivenBackIsTakenInParts) {
  expect_images(
      1,
      [](const Tensor& x) {
        return std::vector{classify(filter(sigmoid(x) * 2.0)), x};
      },
      kBatch);
}

TEST(MicroBatches, OpsThatTreatImagesAlikeBelongToThem) {
  const Tensor scale = rand({8, 1, 1}) + 0.5, shift = randn({1, 8, 1, 1});
  const Outputs f = [&](const Tensor& x) {
    const Tensor a = filter(x), b = cat({a * scale + shift, sigmoid(a) - 1.0, where(gt(a, 0.0), a, scale)}, 1);
    return std::vector{adaptive_avg_pool2d(b, {9, 9})};
  };
  expect_images(1, f, kBatch);
}

TEST(MicroBatches, OpsThatMixImagesEndThem) {
  expect_images(
      3, [](const Tensor& x) { return std::vector{filter(softmax(x, 0))}; }, kBatch);
  expect_images(
      3,
      [](const Tensor& x) {
        return std::vector{filter(cat({x, x}, 0))};
      },
      kBatch);
  const Tensor each = randn({3, 8, 1, 1}), residual = randn(kBatch), ninth = randn({3, 1, 180, 180}),
               mixing = randn({8, 9, 1, 1});
  expect_images(
      3, [&](const Tensor& x) { return std::vector{filter(x * each)}; }, kBatch);
  expect_images(
      3, [&](const Tensor& x) { return std::vector{filter(where(gt(x, 0.0), x, each))}; }, kBatch);
  expect_images(
      3, [&](const Tensor& x) { return std::vector{filter(x) + residual}; }, kBatch);
  expect_images(
      3,
      [&](const Tensor& x) {
        return std::vector{filter(conv2d(cat({x, ninth}, 1), mixing))};
      },
      kBatch);
}

TEST(MicroBatches, OneImageASmallOneOrNoneNeedsNoCut) {
  const Outputs f = [](const Tensor& x) { return std::vector{filter(relu(filter(x)))}; };
  expect_images(1, f, {1, 8, 180, 180});
  expect_images(4, f, {4, 8, 5, 5});
  expect_images(0, f, {0, 8, 180, 180});
}

TEST(MicroBatches, HaveAsManyImagesAsTheCachesOfAllThreadsHold) {
  const Outputs f = [](const Tensor& x) { return std::vector{filter(relu(filter(x)))}; };
  const auto images = [&](int threads, std::int64_t batch) {
    const Threads given(threads);
    Graph graph = test::traced_graph(f, {{batch, 8, 128, 128}});  // a megabyte in and out
    rewrite(graph, {});
    cut_into_micro_batches(graph, {});
    EXPECT_EQ(micro_batches_of(graph).nodes, 3u);  // the cut is the same for any number of threads
    EXPECT_EQ(micro_batches_of(graph).batch, batch);
    return micro_batches_of(graph).images;
  };
  EXPECT_EQ(images(1, 6), 1);
  EXPECT_EQ(images(2, 6), 2);
  EXPECT_EQ(images(4, 6), 3);  // rather than 4 and 2
  EXPECT_EQ(images(4, 7), 4);
  EXPECT_EQ(images(64, 6), 6);
}

TEST(MicroBatches, TheNumberOfThreadsAndTheRestOfTheBatchChangeNoBits) {
  const Outputs f = [](const Tensor& x) { return std::vector{classify(filter(max_pool2d(relu(filter(x)), 2)))}; };
  const Tensor x = randn({6, 8, 128, 128});
  const Tensor alone = output(f, 1, x);
  for (const int threads : {2, 3, 64}) EXPECT_TENSOR_EQ(output(f, threads, x), alone) << threads << " threads";
  const Tensor turned = cat({x.slice(0, 4, 6), x.slice(0, 0, 4)}, 0);
  EXPECT_TENSOR_EQ(output(f, 2, turned).slice(0, 2, 6), alone.slice(0, 0, 4));
}

TEST(MicroBatches, ANumberForEachImageChangesNoBits) {  // where a micro-batch has one image, it is one number
  const Tensor weight = randn({1, 8, 3, 3});
  const Outputs f = [&](const Tensor& x) {
    const Tensor a = filter(x);
    return std::vector{filter(filter(a * sigmoid(adaptive_avg_pool2d(conv2d(a, weight), {1, 1}))))};
  };
  const Tensor x = randn({6, 8, 128, 128});
  const Tensor alone = output(f, 1, x);
  EXPECT_TENSOR_NEAR(alone, f(x).front(), 1e-4);
  for (const int threads : {2, 64}) EXPECT_TENSOR_EQ(output(f, threads, x), alone) << threads << " threads";
}

TEST(MicroBatches, WhereOneHasAllImagesNothingIsCopied) {
  const Threads many(64);
  const Outputs f = [](const Tensor& x) { return std::vector{classify(filter(relu(filter(x)))), x}; };
  PackedWeights weights;
  const Plan plan(test::traced_graph(f, {kBatch}), {}, weights);
  for (const StepInfo& step : plan.steps()) EXPECT_NE(step.algorithm, "copy") << step.op;
  const Tensor x = randn(kBatch);
  const std::vector<Tensor> outputs = plan.run({&x, 1}), expected = f(x);
  EXPECT_TENSOR_NEAR(outputs[0], expected[0], 1e-4);
  EXPECT_TENSOR_EQ(outputs[1], x);
  EXPECT_EQ(plan.describe().find("at a time"), std::string::npos) << plan;
}

TEST(MicroBatches, AreDescribed) {
  const Threads one(1);
  const Outputs f = [](const Tensor& x) { return std::vector{classify(filter(relu(filter(x))))}; };
  PackedWeights weights;
  const Plan plan(test::traced_graph(f, {kBatch}), {}, weights);
  std::size_t steps = 0;
  while (plan.steps()[steps].algorithm != "copy") ++steps;
  const std::string line = str("batch: steps 1 to ", steps + 1, " take 1 of 3 images at a time\n");
  EXPECT_NE(plan.describe().find(line), std::string::npos) << line << plan;
}

TEST(MicroBatches, TheLastMayRepeatImages) {
  const Outputs f = [](const Tensor& x) { return std::vector{classify(filter(relu(filter(sigmoid(x))))), x}; };
  expect_images(4, f, {7, 8, 60, 60});
  const Threads one(1);
  const Tensor x = randn({7, 8, 60, 60}), before_a_wall = test::walled(x);
  PackedWeights weights;
  const Plan plan(test::traced_graph(f, {x.shape()}), {}, weights);
  ASSERT_NE(plan.describe().find("take 4 of 7 images at a time"), std::string::npos) << plan;
  EXPECT_TENSOR_EQ(plan.run({&before_a_wall, 1}).front(), plan.run({&x, 1}).front());
}

TEST(MicroBatches, CountTheMultiplyAddsOfTheWholeBatch) {
  const Outputs f = [](const Tensor& x) { return std::vector{classify(filter(relu(filter(x))))}; };
  const auto multiply_adds = [&](bool micro_batches) {
    const Threads one(1);
    PackedWeights weights;
    const Plan plan(test::traced_graph(f, {kBatch}), {.micro_batches = micro_batches}, weights);
    EXPECT_EQ(plan.describe().find("at a time") != std::string::npos, micro_batches);
    std::int64_t sum = 0;
    for (const StepInfo& step : plan.steps()) sum += step.multiply_adds;
    return sum;
  };
  EXPECT_EQ(multiply_adds(true), multiply_adds(false));
}

TEST(MicroBatches, TakeLessMemory) {
  const Threads one(1);
  const Outputs f = [](const Tensor& x) { return std::vector{classify(filter(relu(filter(x))))}; };
  PackedWeights weights;
  const Plan in_parts(test::traced_graph(f, {kBatch}), {}, weights);
  const Plan whole(test::traced_graph(f, {kBatch}), {.micro_batches = false}, weights);
  EXPECT_LT(in_parts.arena_bytes(), whole.arena_bytes());
}

}  // namespace
}  // namespace minnow
