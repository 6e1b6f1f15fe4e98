#include <minnow/ops/adaptive_avg_pool2d.h>

#include <minnow/core/threads.h>
#include "allocations.h"
#include "ops/pool_golden.h"

namespace minnow {
namespace {

using test::expect_error, test::tensor_of;

TEST(AdaptiveAvgPool2d, GivesTorchsNumbers) {
  int cases = 0;
  for (const auto& golden : test::golden("adaptive_pool.json")) {
    if (golden["op"] != "adaptive_avg_pool2d") continue;
    SCOPED_TRACE(str(test::shape_of(golden["x"]["shape"]), " to ", golden["size"]));
    EXPECT_TENSOR_NEAR(adaptive_avg_pool2d(tensor_of(golden["x"]), test::output_size_of(golden["size"])),
                       tensor_of(golden["y"]), 1e-5);
    ++cases;
  }
  EXPECT_GT(cases, 10);
}

TEST(AdaptiveAvgPool2d, PoolsResNetsLastMapToOneByOne) {
  const Tensor x = randn({32, 2048, 7, 7});
  const Tensor y = adaptive_avg_pool2d(x, 1);
  ASSERT_EQ(y.shape(), (Shape{32, 2048, 1, 1}));
  double sum = 0;
  for (int i = 0; i < 49; ++i) sum += x.at({31, 2047, i / 7, i % 7});
  EXPECT_NEAR(y.at({31, 2047, 0, 0}), sum / 49, 1e-6);
}

TEST(AdaptiveAvgPool2d, GivesSevenBySevenFromPicturesOfAnySize) {
  for (const std::int64_t side : {7, 14}) {  // the last maps of VGG from pictures of 224 and 448
    EXPECT_EQ(adaptive_avg_pool2d(ones({2, 512, side, side}), {7, 7}).shape(), (Shape{2, 512, 7, 7}));
  }
  static_assert(adaptive_avg_pool2d_shape({1, 64, 8, 9}, {5, std::nullopt}) == Shape{1, 64, 5, 9});
  static_assert(adaptive_avg_pool2d_shape({64, 10, 9}, 7) == Shape{64, 7, 7});
}

TEST(AdaptiveAvgPool2d, RegionsAreExactWhereFloatsAreNot) {
  constexpr std::int64_t in = 5873, out = 3527;
  const Tensor x = arange(0, in).with_shape({1, 1, in});
  const Tensor y = adaptive_avg_pool2d(x, {1, out});
  for (std::int64_t i = 0; i < out; ++i) {
    const std::int64_t begin = i * in / out, end = ((i + 1) * in + out - 1) / out;
    ASSERT_FLOAT_EQ(y.at({0, 0, i}), static_cast<float>(begin + end - 1) / 2) << i;
  }
}

TEST(AdaptiveAvgPool2d, ALargerOutputRepeats) {
  const Tensor x = tensor({{1, 2}, {3, 4}}).with_shape({1, 2, 2});
  EXPECT_TENSOR_EQ(adaptive_avg_pool2d(x, {2, 4}), tensor({{1, 1, 2, 2}, {3, 3, 4, 4}}).with_shape({1, 2, 4}));
}

TEST(AdaptiveAvgPool2d, OutputZeroIsEmpty) {
  EXPECT_EQ(adaptive_avg_pool2d(ones({2, 3, 4, 4}), 0).shape(), (Shape{2, 3, 0, 0}));
  EXPECT_EQ(adaptive_avg_pool2d(ones({2, 3, 4, 4}), {3, 0}).numel(), 0);
}

TEST(AdaptiveAvgPool2d, GivesTheSameBitsForAnyNumberOfThreads) {
  const Tensor x = randn({1, 3, 31, 29});
  const int before = num_threads();
  for (const OutputSize size : {OutputSize(1), OutputSize(7, 5)}) {
    set_num_threads(1);
    const Tensor one = adaptive_avg_pool2d(x, size);
    set_num_threads(3);
    EXPECT_TENSOR_EQ(adaptive_avg_pool2d(x, size), one);
  }
  set_num_threads(before);
}

#ifndef MINNOW_SANITIZED
TEST(AdaptiveAvgPool2d, NeedsNoMemoryBeyondInputAndOutput) {
  const Tensor x = full({1, 64, 225, 223}, 3);
  for (const OutputSize size : {OutputSize(1), OutputSize(7, 7), OutputSize(300, 5)}) {
    const AdaptiveAvgPool2dOp op(size);
    Tensor y = empty(adaptive_avg_pool2d_shape(x.shape(), size));
    op.eval({&x, 1}, {&y, 1});  // the first call of a process looks around
    EXPECT_EQ(test::allocations([&] { op.eval({&x, 1}, {&y, 1}); }), 0);
    EXPECT_GT(test::allocations([&] { (void)adaptive_avg_pool2d(x, size); }), 0) << "the count is blind";
    EXPECT_TENSOR_NEAR(y, full(y.shape(), 3), 1e-6);
  }
}
#endif

TEST(AdaptiveAvgPool2d, RefusesWhatTorchRefuses) {
  expect_error([] { adaptive_avg_pool2d(zeros({4, 4}), 1); }, "adaptive_avg_pool2d: expected an input");
  expect_error([] { adaptive_avg_pool2d(zeros({1, 3, 0, 4}), 1); }, "only the batch may be empty, got [1, 3, 0, 4]");
  expect_error([] { adaptive_avg_pool2d(zeros({1, 3, 4, 4}), {-1, 2}); }, "must not be negative");
}

}  // namespace
}  // namespace minnow
