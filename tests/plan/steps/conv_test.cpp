#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <string_view>

#include <minnow/core/threads.h>
#include <minnow/graph/trace.h>
#include <minnow/ops/conv2d.h>
#include <minnow/ops/conv_shape.h>
#include <minnow/ops/kernels.h>
#include <minnow/plan/packed_weights.h>
#include <minnow/plan/plan.h>

#include "support.h"

namespace minnow {
namespace {

/// A layer for each algorithm of kernels/conv.h, large enough for three threads.
struct Layer {
  std::string_view algorithm;
  Shape x, weight;
  Conv2dOptions options = {};
};

const Layer kLayers[] = {
    {"winograd4", {2, 40, 50, 50}, {72, 40, 3, 3}, {.padding = 1}},
    {"winograd4 pairs", {2, 40, 50, 50}, {72, 40, 3, 3}, {.padding = 1}},
    {"winograd4 grouped", {2, 32, 30, 30}, {32, 16, 3, 3}, {.padding = 1, .groups = 2}},
    {"winograd2", {2, 40, 30, 30}, {72, 40, 3, 3}, {.padding = 1}},
    {"winograd1x2", {2, 40, 30, 31}, {72, 40, 3, 3}, {.padding = 1}},
    {"winograd3/2", {2, 48, 60, 60}, {72, 48, 3, 3}, {.stride = 2, .padding = 1}},
    {"winograd3/2 plain", {2, 3, 90, 90}, {72, 3, 7, 7}, {.stride = 2, .padding = 3}},
    {"strassen", {2, 256, 30, 30}, {160, 256, 1, 1}},
    {"pairs", {2, 40, 20, 20}, {72, 40, 1, 1}},
    {"digits", {2, 40, 20, 20}, {72, 40, 3, 3}, {.padding = 1}},
    {"digits 1x1", {2, 40, 20, 20}, {72, 40, 1, 1}},
    {"direct", {2, 40, 20, 20}, {72, 40, 3, 3}, {.padding = 1}},
    {"plain", {2, 3, 40, 40}, {72, 3, 5, 5}, {.stride = 2}},
    {"depthwise", {2, 40, 20, 20}, {40, 1, 3, 3}, {.padding = 1, .groups = 40}},
    {"grouped", {2, 32, 20, 20}, {32, 2, 3, 3}, {.padding = 1, .groups = 16}},
    {"lanes", {2, 12, 20, 20}, {24, 4, 3, 3}, {.padding = 1, .groups = 3}},
};

TEST(ConvStep, EveryAlgorithmGivesTheSameBitsForOneTwoAndThreeThreads) {
  const int before = num_threads();
  for (const kernels::ConvKernel& kernel : kernels::table().conv.list) {
    const auto layer = std::ranges::find(kLayers, kernel.name, &Layer::algorithm);
    ASSERT_NE(layer, std::end(kLayers)) << "no layer is convolved by the algorithm " << kernel.name;
    const kernels::ConvShape shape = conv_shape(layer->x, layer->weight, layer->options);
    if (!kernel.applies(shape)) {  // digits want tiles, and pairs many registers
      EXPECT_TRUE(layer->algorithm.starts_with("digits") || layer->algorithm.ends_with("pairs")) << kernel.name;
      continue;
    }
    EXPECT_GE(kernel.units(shape), 3) << kernel.name;

    const Tensor x = randn(layer->x), weight = randn(layer->weight), bias = randn({layer->weight[0]});
    const auto convolve = [&](const Tensor& input) { return conv2d(input, weight, bias, layer->options); };
    const TensorSpec spec{layer->x};
    set_num_threads(3);  // a plan never uses more threads than there were when it was made
    PackedWeights weights;
    const Plan plan(trace([&](std::span<const Tensor> inputs) { return std::vector{convolve(inputs[0])}; }, {&spec, 1}),
                    {.algorithms = {{"", kernel.name}}}, weights);
    set_num_threads(1);
    const Tensor alone = plan.run({&x, 1}).front();
    EXPECT_TENSOR_NEAR(alone, convolve(x), 1e-4) << kernel.name;
    for (const int threads : {2, 3}) {
      set_num_threads(threads);
      EXPECT_TENSOR_EQ(plan.run({&x, 1}).front(), alone) << kernel.name << " in " << threads << " threads";
    }
  }
  set_num_threads(before);
}

}  // namespace
}  // namespace minnow
