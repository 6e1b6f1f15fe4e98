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

TEST(Where, AndComparisonsAgreeWithALoopHoweverTheyBroadcast) {
  const Shape shape{5, 37}, shapes[] = {{5, 37}, {37}, {5, 1}, {1}};
  const auto at = [](const Tensor& x, std::int64_t i, std::int64_t j) {
    const std::int64_t width = x.dim(-1), height = x.rank() == 2 ? x.dim(0) : 1;
    return x.data()[(height == 1 ? 0 : i) * width + (width == 1 ? 0 : j)];
  };
  for (const Shape& c : shapes) {
    for (const Shape& a : shapes) {
      for (const Shape& b : shapes) {
        const Tensor condition = randn(c), x = randn(a), y = randn(b), one = zeros(shape);
        const Tensor chosen = where(gt(condition, 0.25), x, y) + one, less = lt(x, y) + one;
        for (std::int64_t i = 0; i < 5; ++i) {
          for (std::int64_t j = 0; j < 37; ++j) {
            ASSERT_EQ(at(chosen, i, j), at(condition, i, j) > 0.25f ? at(x, i, j) : at(y, i, j)) << c << a << b;
            ASSERT_EQ(at(less, i, j), at(x, i, j) < at(y, i, j) ? 1 : 0) << a << b;
          }
        }
      }
    }
  }
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
