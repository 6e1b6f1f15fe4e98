#include <minnow/ops/to.h>

#include "support.h"

namespace minnow {
namespace {

using test::kInf;
using test::kNaN;

TEST(To, CutsTowardsZeroAndMarksWhatDoesNotFit) {
  constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();
  const std::vector<std::int64_t> expected = {1, -1, 0, 1LL << 40, least, least, least, least};
  EXPECT_TENSOR_EQ(tensor({1.9f, -1.9f, -0.0f, 0x1p40f, kNaN, kInf, -kInf, 0x1p63f}).to(DType::int64),
                   tensor(std::span<const std::int64_t>(expected), {8}));
}

TEST(To, RoundsLargeIntsToTheNearestFloat) {
  const std::vector<std::int64_t> values = {3, -7, (1LL << 24) + 1};
  EXPECT_TENSOR_EQ(tensor(std::span<const std::int64_t>(values), {3}).to(DType::float32), tensor({3, -7, 0x1p24f}));
}

TEST(To, GivesTheTensorItselfForItsOwnDtype) {
  const Tensor x = ones({2});
  EXPECT_EQ(x.to(DType::float32).data(), x.data());
  EXPECT_EQ(zeros({0, 3}).to(DType::int64).shape(), (Shape{0, 3}));
}

}  // namespace
}  // namespace minnow
