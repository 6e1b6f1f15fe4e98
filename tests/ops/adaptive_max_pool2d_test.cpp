#include <minnow/ops/adaptive_max_pool2d.h>

#include <minnow/core/threads.h>
#include "ops/pool_golden.h"

namespace minnow {
namespace {

using test::expect_error, test::tensor_of;

TEST(AdaptiveMaxPool2d, GivesTorchsBits) {
  int cases = 0;
  for (const auto& golden : test::golden("adaptive_pool.json")) {
    if (golden["op"] != "adaptive_max_pool2d") continue;
    SCOPED_TRACE(str(test::shape_of(golden["x"]["shape"]), " to ", golden["size"]));
    EXPECT_TENSOR_EQ(adaptive_max_pool2d(tensor_of(golden["x"]), test::output_size_of(golden["size"])),
                     tensor_of(golden["y"]));
    ++cases;
  }
  EXPECT_GT(cases, 10);
}

TEST(AdaptiveMaxPool2d, RegionsAreExactWhereFloatsAreNot) {
  constexpr std::int64_t in = 5873, out = 3527;
  const Tensor y = adaptive_max_pool2d(arange(0, in).with_shape({1, in, 1}), {out, 1});
  for (std::int64_t i = 0; i < out; ++i) {
    ASSERT_EQ(y.at({0, i, 0}), static_cast<float>(((i + 1) * in + out - 1) / out - 1)) << i;
  }
}

TEST(AdaptiveMaxPool2d, AnEmptyEntryKeepsTheSizeAndZeroIsEmpty) {
  static_assert(adaptive_max_pool2d_shape({1, 64, 10, 9}, {std::nullopt, 7}) == Shape{1, 64, 10, 7});
  EXPECT_EQ(adaptive_max_pool2d(ones({2, 3, 4, 5}), {std::nullopt, 2}).shape(), (Shape{2, 3, 4, 2}));
  EXPECT_EQ(adaptive_max_pool2d(ones({2, 3, 4, 5}), {0, 2}).shape(), (Shape{2, 3, 0, 2}));
}

TEST(AdaptiveMaxPool2d, GivesTheSameBitsForAnyNumberOfThreads) {
  const Tensor x = randn({1, 3, 31, 29});
  const int before = num_threads();
  set_num_threads(1);
  const Tensor one = adaptive_max_pool2d(x, {7, 5});
  set_num_threads(3);
  EXPECT_TENSOR_EQ(adaptive_max_pool2d(x, {7, 5}), one);
  set_num_threads(before);
}

TEST(AdaptiveMaxPool2d, RefusesWhatTorchRefuses) {
  expect_error([] { adaptive_max_pool2d(zeros({4, 4}), 1); }, "adaptive_max_pool2d: expected an input");
  expect_error([] { adaptive_max_pool2d(zeros({0, 4, 4}), 1); }, "only the batch may be empty, got [0, 4, 4]");
}

}  // namespace
}  // namespace minnow
