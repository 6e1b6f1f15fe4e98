#include <minnow/ops/max_pool2d.h>

#include <minnow/core/threads.h>
#include "ops/pool_golden.h"

namespace minnow {
namespace {

using test::expect_error, test::pair_of, test::tensor_of;

TEST(MaxPool2d, GivesTorchsBits) {
  int cases = 0;
  for (const auto& golden : test::golden("pool.json")) {
    if (golden["op"] != "max_pool2d") continue;
    const auto& options = golden["options"];
    SCOPED_TRACE(str(test::shape_of(golden["x"]["shape"]), options));
    const Pair kernel = pair_of(options, "kernel_size", 0), stride = pair_of(options, "stride", kernel);
    EXPECT_TENSOR_EQ(max_pool2d(tensor_of(golden["x"]), kernel,
                                {.stride = stride,
                                 .padding = pair_of(options, "padding", 0),
                                 .dilation = pair_of(options, "dilation", 1),
                                 .ceil_mode = options.value("ceil_mode", false)}),
                     tensor_of(golden["y"]));
    ++cases;
  }
  EXPECT_GT(cases, 10);
}

TEST(MaxPool2d, StrideIsTheKernelSizeUnlessGiven) {
  static_assert(max_pool2d_shape({1, 3, 7, 9}, 2) == Shape{1, 3, 3, 4});
  static_assert(max_pool2d_shape({1, 3, 7, 9}, {3, 2}, {.stride = {1, 2}}) == Shape{1, 3, 5, 4});
  static_assert(max_pool2d_shape({3, 7, 7}, 3, {.stride = 2, .padding = 1}) == Shape{3, 4, 4});
  EXPECT_EQ(max_pool2d(zeros({1, 3, 7, 9}), 2).shape(), (Shape{1, 3, 3, 4}));
}

TEST(MaxPool2d, CeilDropsAWindowThatBeginsInTheRightPadding) {
  static_assert(max_pool2d_shape({1, 1, 5, 5}, 2, {.stride = 3, .padding = 1, .ceil_mode = true}) == Shape{1, 1, 2, 2});
  static_assert(max_pool2d_shape({1, 1, 6, 6}, 2, {.stride = 3, .padding = 1, .ceil_mode = true}) == Shape{1, 1, 3, 3});
  static_assert(max_pool2d_shape({1, 1, 6, 6}, 3, {.stride = 2, .ceil_mode = true}) == Shape{1, 1, 3, 3});
}

TEST(MaxPool2d, GivesTheSameBitsForAnyNumberOfThreads) {
  const Tensor x = randn({3, 5, 41, 37});
  const int before = num_threads();
  set_num_threads(1);
  const Tensor one = max_pool2d(x, 3, {.stride = 2, .padding = 1});
  set_num_threads(3);
  EXPECT_TENSOR_EQ(max_pool2d(x, 3, {.stride = 2, .padding = 1}), one);
  set_num_threads(before);
}

TEST(MaxPool2d, RefusesWhatTorchRefuses) {
  const Tensor x = zeros({1, 2, 5, 5});
  expect_error([&] { max_pool2d(x, 3, {.padding = 2}); }, "max_pool2d: padding (2, 2) must be at most half");
  expect_error([&] { max_pool2d(x, {4, 3}, {.padding = {2, 2}}); }, "half of the kernel size (4, 3)");
  expect_error([&] { max_pool2d(x, 6); }, "does not fit into the input [1, 2, 5, 5]");
  expect_error([&] { max_pool2d(x, 3, {.dilation = 3}); }, "does not fit");
  expect_error([&] { max_pool2d(x, 0); }, "must be positive");
  expect_error([&] { max_pool2d(x, 2, {.stride = 0}); }, "must be positive");
  expect_error([&] { max_pool2d(zeros({5, 5}), 2); }, "got [5, 5]");
  expect_error([&] { max_pool2d(zeros({1, 0, 5, 5}), 2); }, "only the batch may be empty, got [1, 0, 5, 5]");
  expect_error([&] { max_pool2d(zeros({1, 1, 5, 5}, DType::int64), 2); }, "max_pool2d: expected float32, got int64");
}

}  // namespace
}  // namespace minnow
