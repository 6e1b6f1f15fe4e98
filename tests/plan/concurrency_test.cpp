#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>

#include <minnow/compile.h>
#include <minnow/core/threads.h>
#include <minnow/kernels/core.h>
#include <minnow/nn/adaptive_avg_pool2d.h>
#include <minnow/nn/batch_norm2d.h>
#include <minnow/nn/conv2d.h>
#include <minnow/nn/flatten.h>
#include <minnow/nn/linear.h>
#include <minnow/nn/max_pool2d.h>
#include <minnow/nn/relu.h>
#include <minnow/nn/sequential.h>
#include <minnow/ops/custom.h>

#include "on_threads.h"
#include "support.h"

// Meant to run under the thread sanitizer as well.

namespace minnow {
namespace {

using test::on_threads;

nn::Sequential net() {
  return nn::Sequential(nn::Conv2d(3, 20, 3, {.padding = 1}), nn::BatchNorm2d(20), nn::ReLU(), nn::MaxPool2d(2),
                        nn::Conv2d(20, 20, 3, {.padding = 1, .groups = 5}), nn::ReLU(), nn::AdaptiveAvgPool2d(1),
                        nn::Flatten(), nn::Linear(20, 7));
}

TEST(Concurrency, SeveralThreadsCallOneCompiledModel) {
  const CompiledModel fast = compile(net());
  const Tensor x = randn({1, 3, 24, 24}), expected = fast(x);
  on_threads(4, [&](int i) {
    for (int round = 0; round < 10; ++round) {
      EXPECT_TENSOR_EQ(fast(x), expected);
      if (round == 5) (void)fast(randn({1, 3, 24 + i, 24}));
    }
  });
}

TEST(Concurrency, ThreadsThatNeedTheSamePlanShareIt) {
  const CompiledModel fast = compile(net());
  std::vector<std::shared_ptr<const Plan>> plans(4);
  on_threads(4, [&](int i) { plans[static_cast<std::size_t>(i)] = fast.plan({1, 3, 9, 9}); });
  for (const auto& plan : plans) EXPECT_EQ(plan, plans.front());
}

TEST(Concurrency, CallsGoOnWhileAnotherThreadRefreshes) {
  const nn::Sequential model = net();
  CompiledModel fast = compile(model);
  const Tensor x = randn({1, 3, 16, 16}), expected = fast(x);
  std::atomic<int> running = 3;
  on_threads(4, [&](int i) {
    if (i == 0) {
      while (running > 0) fast.refresh();  // to the same weights
      return;
    }
    for (int round = 0; round < 10; ++round) EXPECT_TENSOR_EQ(fast(x), expected);
    --running;
  });
}

TEST(Concurrency, AnOpThatThrowsInOneCallIsNothingToTheOthers) {
  const CustomFunction picky = custom_op(
      "picky", [](std::span<const Shape> in) { return in[0]; },
      [](std::span<const Tensor> in, Tensor& out) {
        if (in[0].data()[0] < 0) fail("picky: a negative number");
        std::copy_n(in[0].data(), in[0].numel(), out.data());
      });
  const CompiledModel fast =
      compile(nn::Sequential([&](const Tensor& x) { return picky({x}); }, nn::Flatten(), nn::Linear(12, 7)));
  const Tensor good = ones({1, 3, 2, 2}), bad = full({1, 3, 2, 2}, -1), expected = fast(good);
  on_threads(4, [&](int i) {
    for (int round = 0; round < 10; ++round) {
      if ((i + round) % 2 == 0) test::expect_error([&] { (void)fast(bad); }, "picky: a negative number");
      EXPECT_TENSOR_EQ(fast(good), expected);
    }
  });
}

TEST(Concurrency, NoMoreCallsRunThanThereMayBeArenas) {
  const int before = num_threads();
  set_num_threads(3);
  std::atomic<int> running = 0, most = 0;
  const CustomFunction slow = custom_op(
      "slow", [](std::span<const Shape> in) { return in[0]; },
      [&](std::span<const Tensor> in, Tensor& out) {
        const int now = ++running;
        for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
        std::copy_n(in[0].data(), in[0].numel(), out.data());
        --running;
      });
  const CompiledModel fast = compile(nn::Sequential([&](const Tensor& x) { return slow({x}); }, nn::ReLU()));
  const Tensor x = ones({1, 3, 2, 2});
  on_threads(12, [&](int) {
    for (int round = 0; round < 4; ++round) EXPECT_TENSOR_EQ(fast(x), x);
  });
  EXPECT_GT(most, 1);
  EXPECT_LE(most, 3);
  set_num_threads(before);
}

TEST(Concurrency, ThreadsThatShareABandKeepToTheirWindows) {
  const int before = num_threads();
  const kernels::Core core = kernels::core();
  kernels::assume_core(kernels::Core::other);
  set_num_threads(2);
  const nn::Sequential model(nn::Conv2d(4, 96, 1), nn::Conv2d(96, 96, 3, {.padding = 1, .groups = 96}), nn::ReLU(),
                             nn::Conv2d(96, 4, 1));
  const CompiledModel fast = compile(model, {.winograd = false});
  const Tensor x = randn({1, 4, 100, 28}), expected = compile(model, {.winograd = false, .bands = false})(x);
  EXPECT_NE(fast.plan(x.shape())->describe().find("band: steps "), std::string::npos);
  on_threads(2, [&](int) {
    for (int round = 0; round < 3; ++round) EXPECT_TENSOR_EQ(fast(x), expected);
  });
  set_num_threads(before);
  kernels::assume_core(core);
}

TEST(Concurrency, TheNumberOfThreadsMayChangeWhileOthersCall) {
  const CompiledModel fast = compile(net());
  const Tensor x = randn({4, 3, 20, 20}), expected = fast(x);
  const int before = num_threads();
  on_threads(3, [&](int i) {
    for (int round = 0; round < 6; ++round) {
      if (i == 0) set_num_threads(1 + round % 3);
      EXPECT_TENSOR_EQ(fast(x), expected);
    }
  });
  set_num_threads(before);
}

}  // namespace
}  // namespace minnow
