#include <minnow/ops/cat.h>
#include <minnow/ops/slice.h>
#include <minnow/ops/view.h>

#include "support.h"

namespace minnow {
namespace {

using test::expect_error;

TEST(Cat, JoinsAlongAnyDimension) {
  const Tensor x = tensor({{1, 2}, {3, 4}}), y = tensor({{5, 6}, {7, 8}});
  EXPECT_TENSOR_EQ(cat({x, y}), tensor({{1, 2}, {3, 4}, {5, 6}, {7, 8}}));
  EXPECT_TENSOR_EQ(cat({x, y}, 1), tensor({{1, 2, 5, 6}, {3, 4, 7, 8}}));
  EXPECT_TENSOR_EQ(cat({x, x.slice(1, 0, 1), y}, -1), tensor({{1, 2, 1, 5, 6}, {3, 4, 3, 7, 8}}));
}

TEST(Cat, UndoesChunk) {
  const Tensor x = randn({3, 7, 5});
  for (int dim = 0; dim < 3; ++dim) EXPECT_TENSOR_EQ(cat(chunk(x, 3, dim), dim), x);
}

TEST(Cat, TakesEmptyTensorsAndInt64) {
  EXPECT_TENSOR_EQ(cat({zeros({0}), ones({2, 3}), zeros({0, 3})}), ones({2, 3}));
  EXPECT_EQ(cat({zeros({0}), zeros({0})}).shape(), Shape{0});
  EXPECT_TENSOR_EQ(cat({zeros({2}, DType::int64), ones({1}, DType::int64)}),
                   tensor(std::span<const std::int64_t>(std::vector<std::int64_t>{0, 0, 1}), {3}));
}

TEST(Cat, RefusesWhatDoesNotJoin) {
  expect_error([] { cat(std::span<const Tensor>{}); }, "cat: there are no tensors");
  expect_error(
      [] {
        cat({ones({2, 3}), ones({2, 2})});
      },
      "cat: the shapes [2, 3] and [2, 2] differ beside dimension 0");
  expect_error([] { cat({ones({2}), zeros({2}, DType::int64)}); }, "cat: int64 beside float32");
  expect_error([] { cat({ones({2}), ones({2})}, 1); }, "cat: dimension 1 is out of range for the shape [2]");
  expect_error([] { cat({tensor(1), tensor(2)}); }, "cat: dimension 0 is out of range for the shape []");
}

TEST(Stack, AddsADimension) {
  const Tensor x = tensor({1, 2}), y = tensor({3, 4});
  EXPECT_TENSOR_EQ(stack({x, y}), tensor({{1, 2}, {3, 4}}));
  EXPECT_TENSOR_EQ(stack({x, y}, 1), tensor({{1, 3}, {2, 4}}));
  EXPECT_TENSOR_EQ(stack({x, y}, -1), tensor({{1, 3}, {2, 4}}));
  EXPECT_TENSOR_EQ(stack({tensor(1), tensor(2)}), x);
  expect_error([&] { stack({x, ones({3})}); }, "stack: the shapes [2] and [3] differ");
  expect_error([&] { stack({x, y}, 2); }, "stack: there is no position 2 in the shape [2]");
  expect_error([&] { stack({x, y}, -3); }, "stack: there is no position -3");
}

TEST(Cat, SizesThatDoNotFitAreAnError) {
  const std::vector<TensorSpec> parts(4, TensorSpec({1LL << 61, 1}));
  EXPECT_EQ(CatOp(0).infer(parts)[0].shape[0], std::numeric_limits<std::int64_t>::max());
}

}  // namespace
}  // namespace minnow
