#include <minnow/ops/avg_pool2d.h>

#include <minnow/core/threads.h>
#include "ops/pool_golden.h"

namespace minnow {
namespace {

using test::expect_error, test::pair_of, test::tensor_of;

TEST(AvgPool2d, GivesTorchsNumbers) {
  int cases = 0;
  for (const auto& golden : test::golden("pool.json")) {
    if (golden["op"] != "avg_pool2d") continue;
    const auto& options = golden["options"];
    SCOPED_TRACE(str(test::shape_of(golden["x"]["shape"]), options));
    const Pair kernel = pair_of(options, "kernel_size", 0), stride = pair_of(options, "stride", kernel);
    AvgPool2dOptions given{.stride = stride,
                           .padding = pair_of(options, "padding", 0),
                           .ceil_mode = options.value("ceil_mode", false),
                           .count_include_pad = options.value("count_include_pad", true)};
    if (options.contains("divisor_override")) given.divisor_override = options["divisor_override"].get<int>();
    EXPECT_TENSOR_NEAR(avg_pool2d(tensor_of(golden["x"]), kernel, given), tensor_of(golden["y"]), 1e-5);
    ++cases;
  }
  EXPECT_GT(cases, 20);
}

TEST(AvgPool2d, DividesByTheWindowClippedToThePaddedInput) {
  const Tensor x = ones({1, 1, 5, 5});
  // 3x3 windows with padding 1: four elements of nine in the corner.
  EXPECT_FLOAT_EQ(avg_pool2d(x, 3, {.stride = 2, .padding = 1}).at({0, 0, 0, 0}), 4.0f / 9.0f);
  EXPECT_FLOAT_EQ(avg_pool2d(x, 3, {.stride = 2, .padding = 1, .count_include_pad = false}).at({0, 0, 0, 0}), 1.0f);
  // What ceil_mode adds beyond the padding counts nowhere: the last window of 2 at 4 has one element.
  EXPECT_FLOAT_EQ(avg_pool2d(x, 2, {.ceil_mode = true}).at({0, 0, 2, 2}), 1.0f);
  EXPECT_FLOAT_EQ(avg_pool2d(x, 2, {.ceil_mode = true, .divisor_override = 8}).at({0, 0, 2, 2}), 0.125f);
}

TEST(AvgPool2d, GivesTheSameBitsForAnyNumberOfThreads) {
  const Tensor x = randn({1, 1, 41, 37});
  const int before = num_threads();
  set_num_threads(1);
  const Tensor one = avg_pool2d(x, 3, {.stride = 1, .padding = 1});
  set_num_threads(3);
  EXPECT_TENSOR_EQ(avg_pool2d(x, 3, {.stride = 1, .padding = 1}), one);
  set_num_threads(before);
}

TEST(AvgPool2d, RefusesWhatTorchRefuses) {
  const Tensor x = zeros({1, 2, 5, 5});
  expect_error([&] { avg_pool2d(x, 2, {.divisor_override = 0}); }, "avg_pool2d: divisor_override must not be 0");
  expect_error([&] { avg_pool2d(x, 3, {.padding = 2}); }, "avg_pool2d: padding (2, 2) must be at most half");
  expect_error([&] { avg_pool2d(x, {6, 1}); }, "does not fit into the input [1, 2, 5, 5]");
  expect_error([&] { avg_pool2d(zeros({1, 1, 1, 5, 5}), 2); }, "got [1, 1, 1, 5, 5]");
}

}  // namespace
}  // namespace minnow
