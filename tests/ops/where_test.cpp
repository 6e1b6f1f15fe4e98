#include <minnow/ops/compare.h>
#include <minnow/ops/where.h>

#include "support.h"

namespace minnow {
namespace {

using test::expect_error;
using test::kNaN;

TEST(Where, ChoosesAndBroadcasts) {
  const Tensor x = tensor({{1, -2}, {-3, 4}});
  EXPECT_TENSOR_EQ(where(gt(x, 0), x, tensor(0)), tensor({{1, 0}, {0, 4}}));
  EXPECT_TENSOR_EQ(where(tensor({1, 0}), tensor({7, 8}), x), tensor({{7, -2}, {7, 4}}));
  EXPECT_TENSOR_EQ(where(tensor({1, 0}), zeros({}, DType::int64), ones({1, 2}, DType::int64)),
                   tensor(std::span<const std::int64_t>(std::vector<std::int64_t>{0, 1}), {1, 2}));
}

TEST(Where, LeavesOutTheNanThatIsNotChosen) {
  EXPECT_TENSOR_EQ(where(tensor({0, 1}), tensor({kNaN, 1}), tensor({2, kNaN})), tensor({2, 1}));
}

TEST(Where, RefusesMixedDtypesAndShapes) {
  expect_error([] { where(ones({2}), ones({2}), ones({2}, DType::int64)); }, "where: float32 beside int64");
  expect_error([] { where(ones({3}), ones({2}), ones({2})); }, "where: the shapes [3] and [2] do not broadcast");
  expect_error([] { where(ones({2}, DType::int64), ones({2}), ones({2})); }, "where: expected float32");
}

}  // namespace
}  // namespace minnow
