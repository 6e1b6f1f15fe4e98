#include <gtest/gtest.h>

#include <vector>

#include <minnow/core/random.h>
#include <minnow/core/threads.h>
#include <minnow/nn/adaptive_avg_pool2d.h>
#include <minnow/nn/batch_norm2d.h>
#include <minnow/nn/conv2d.h>
#include <minnow/nn/linear.h>
#include <minnow/nn/relu.h>
#include <minnow/nn/sequential.h>
#include <minnow/ops/binary.h>

#include "on_threads.h"
#include "support.h"

// Meant to run under the thread sanitizer as well.

namespace minnow::nn {
namespace {

using test::on_threads;

struct SharedNet : Module {
  Child<Conv2d> stem = add("stem", Conv2d(3, 8, 3, {.padding = 1}));
  Child<Sequential> body = add("body", Sequential(Conv2d(8, 8, 3, {.padding = 1}), BatchNorm2d(8), ReLU()));
  Child<AdaptiveAvgPool2d> avgpool = add("avgpool", AdaptiveAvgPool2d(1));
  Child<Linear> fc = add("fc", Linear(8, 4));

  Tensor forward(const Tensor& x) const override {
    Tensor y = stem(x);
    y = avgpool(y + body(y));
    return fc(y.view({y.dim(0), -1}));
  }
};

TEST(Concurrency, AModelInEvalModeServesManyThreads) {
  SharedNet net;
  net.eval();
  std::vector<Tensor> inputs, expected, outputs(4);
  for (int i = 0; i < 4; ++i) {
    inputs.push_back(rand({1 + i, 3, 5 + i, 9}));  // each thread its own size
    expected.push_back(net(inputs.back()));
  }
  on_threads(4, [&](int i) {
    for (int round = 0; round < 5; ++round)
      outputs[static_cast<std::size_t>(i)] = net(inputs[static_cast<std::size_t>(i)]);
  });
  for (std::size_t i = 0; i < 4; ++i) EXPECT_TENSOR_EQ(outputs[i], expected[i]);
}

TEST(Concurrency, ThreadsThatDrawParametersTogetherAgree) {
  SharedNet reference;
  reference.eval();
  const Tensor x = rand({1, 3, 6, 6}), expected = reference(x);
  SharedNet net;
  net.eval();
  std::vector<Tensor> outputs(4);
  on_threads(4, [&](int i) { outputs[static_cast<std::size_t>(i)] = net(x); });
  for (const Tensor& output : outputs) EXPECT_TENSOR_EQ(output, expected);
}

TEST(Concurrency, EachThreadHasItsOwnPathInErrors) {
  SharedNet net;
  net.eval();
  on_threads(4, [&](int i) {
    const std::string expected = i % 2 ? "stem: " : "fc: ";
    for (int round = 0; round < 20; ++round) {
      test::expect_error([&] { i % 2 ? net(zeros({1, 2, 4, 4})) : net.fc(zeros({1, 7})); }, expected);
    }
  });
}

}  // namespace
}  // namespace minnow::nn
