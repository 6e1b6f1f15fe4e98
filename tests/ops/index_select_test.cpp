#include <minnow/ops/index_select.h>

#include "support.h"

namespace minnow {
namespace {

using test::expect_error;

TEST(IndexSelect, TakesSlicesInTheOrderOfTheIndex) {
  const Tensor x = tensor({{1, 2, 3}, {4, 5, 6}});
  EXPECT_TENSOR_EQ(index_select(x, 1, tensor<std::int64_t>({2, 0, 2})), tensor({{3, 1, 3}, {6, 4, 6}}));
  EXPECT_TENSOR_EQ(index_select(x, -2, tensor<std::int64_t>({1})), tensor({4, 5, 6}).with_shape({1, 3}));
  EXPECT_EQ(index_select(x, 0, tensor<std::int64_t>({})).shape(), (Shape{0, 3}));
  EXPECT_TENSOR_EQ(index_select(tensor<std::int64_t>({5, 6, 7}), 0, tensor<std::int64_t>({2, 2})),
                   tensor<std::int64_t>({7, 7}));
}

TEST(IndexSelect, RefusesWhatIsNoIndex) {
  const Tensor x = ones({2, 3});
  expect_error([&] { index_select(x, 1, tensor<std::int64_t>({3})); },
               "index_select: index 3 is out of range for dimension 1");
  expect_error([&] { index_select(x, 0, tensor<std::int64_t>({-1})); }, "index_select: index -1 is out of range");
  expect_error([&] { index_select(x, 0, ones({1})); }, "index_select: expected an int64 vector as index, got float32");
  expect_error([&] { index_select(x, 2, tensor<std::int64_t>({0})); }, "index_select: dimension 2 is out of range");
}

}  // namespace
}  // namespace minnow
