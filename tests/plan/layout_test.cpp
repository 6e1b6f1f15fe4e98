#include <minnow/plan/layout.h>

#include <gtest/gtest.h>

#include <minnow/ops/argmax.h>
#include <minnow/ops/binary.h>
#include <minnow/ops/compare.h>
#include <minnow/plan/lowered.h>

#include "plan/laid.h"

namespace minnow {
namespace {

TEST(Layout, AFormatSaysWhatTheElementsAre) {
  EXPECT_EQ(name_of(plain_format(DType::float32)), "plain");
  EXPECT_EQ(name_of(plain_format(DType::int64)), "plain int64");
  const Format bfloat16{kernels::Element::bfloat16, 16};
  EXPECT_EQ(name_of(bfloat16), "NCHW16c bf16");
  EXPECT_EQ(bytes_of({2, 17, 3, 5}, plain_format(DType::float32)), 4 * 2 * 17 * 3 * 5);
  EXPECT_EQ(bytes_of({2, 17, 3, 5}, plain_format(DType::int64)), 8 * 2 * 17 * 3 * 5);
  EXPECT_EQ(bytes_of({2, 17, 3, 5}, bfloat16), 2 * 2 * 32 * 3 * 5);
  EXPECT_EQ(bytes_of({3, 17}, bfloat16), 2 * 32 * 3);
}

TEST(Layout, WholeNumbersLieAsTheyAre) {
  const test::Laid laid(
      [](const Tensor& x) {
        const Tensor most = argmax(test::conv(x), 1), third = eq(most, 3);
        return third + lt(most, argmax(x, 1));
      },
      {1, 32, 2, 2});
  EXPECT_EQ(laid.before, R"(input %0 [1, 32, 2, 2]
%2 = conv2d(%0, [32, 32, 3, 3]) padding=(1, 1) -> [1, 32, 2, 2]
%3 = argmax(%2) dim=1 -> int64 [1, 2, 2]
%4 = eq(%3) value=3 -> [1, 2, 2]
%5 = argmax(%0) dim=1 -> int64 [1, 2, 2]
%6 = lt(%3, %5) -> [1, 2, 2]
%7 = add(%4, %6) -> [1, 2, 2]
output %7
)");
  EXPECT_EQ(laid.after, R"(input %0 [1, 32, 2, 2]
%8 = reorder(%0) plain to NCHWc -> [1, 32, 2, 2]  : plain -> NCHWc
%2 = conv2d(%8, [32, 32, 3, 3]) padding=(1, 1) -> [1, 32, 2, 2]  : NCHWc plain -> NCHWc
%9 = reorder(%2) NCHWc to plain -> [1, 32, 2, 2]  : NCHWc -> plain
%3 = argmax(%9) dim=1 -> int64 [1, 2, 2]  : plain -> plain int64
%4 = eq(%3) value=3 -> [1, 2, 2]  : plain int64 -> plain
%5 = argmax(%0) dim=1 -> int64 [1, 2, 2]  : plain -> plain int64
%6 = lt(%3, %5) -> [1, 2, 2]  : plain int64 plain int64 -> plain
%7 = add(%4, %6) -> [1, 2, 2]  : plain plain -> plain
output %7
)");
}

}  // namespace
}  // namespace minnow
