#include <minnow/core/random.h>
#include <minnow/core/tensor.h>
#include <minnow/ops/slice.h>
#include <sys/mman.h>

#include "support.h"

namespace minnow {
namespace {

using test::expect_error;

TEST(Tensor, IsAHandle) {
  Tensor x = tensor({1, 2, 3});
  const Tensor same = x;
  x.at({-1}) = 7;
  EXPECT_EQ(same.at({2}), 7);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(x.data()) % 64, 0u);
}

TEST(Tensor, TellsWhatItIs) {
  const Tensor x = zeros({2, 0, 3}, DType::int64);
  EXPECT_EQ(x.shape(), (Shape{2, 0, 3}));
  EXPECT_EQ(x.rank(), 3);
  EXPECT_EQ(x.dim(-1), 3);
  EXPECT_EQ(x.numel(), 0);
  EXPECT_EQ(ones({3}, DType::int64).nbytes(), 24);
  EXPECT_EQ(str(x.dtype()), "int64");
}

TEST(Tensor, IsCreatedAsInTorch) {
  EXPECT_TENSOR_EQ(full({2}, 2.5), tensor({2.5f, 2.5f}));
  EXPECT_TENSOR_EQ(arange(4), tensor({0, 1, 2, 3}));
  EXPECT_TENSOR_EQ(arange(1, 0, -0.25), tensor({1, 0.75f, 0.5f, 0.25f}));
  EXPECT_EQ(arange(0).shape(), Shape{0});
  EXPECT_EQ(tensor(3).shape(), Shape{});
  EXPECT_EQ(tensor({{1, 2, 3}, {4, 5, 6}}).shape(), (Shape{2, 3}));
  expect_error([] { tensor({{1, 2, 3}, {4, 5}}); }, "tensor: a row of 2 values among rows of 3");
  expect_error([] { arange(0, 1, 0); }, "arange: step must not be 0");
  expect_error([] { arange(0, 1, -1); }, "arange: a step of -1 does not lead from 0 to 1");
  expect_error([] { arange(0, 1, -2); }, "arange: a step of -2 does not lead from 0 to 1");
}

TEST(Tensor, DrawsTheSameNumbersFromTheSameSeed) {
  manual_seed(7);
  const Tensor a = randn({3, 5}), b = rand({4});
  manual_seed(7);
  EXPECT_TENSOR_EQ(randn({3, 5}), a);
  EXPECT_TENSOR_EQ(rand({4}), b);
  manual_seed(8);
  EXPECT_FALSE(test::same(randn({3, 5}), a));
  const Tensor many = rand({10000});
  for (const float value : many.span()) ASSERT_TRUE(value >= 0 && value < 1);
}

TEST(Tensor, WrapsMemoryAndFreesItOnce) {
  float memory[4] = {1, 2, 3, 4};
  int freed = 0;
  {
    Tensor x = from_blob(memory, {2, 2}, [&](float* data) { freed += data == memory; });
    const Tensor y = x;
    x.at({1, 0}) = 30;
  }
  EXPECT_EQ(freed, 1);
  EXPECT_EQ(memory[2], 30);
}

TEST(Tensor, RefusesIndicesAndTypesThatDoNotFit) {
  Tensor x = zeros({2, 3});
  expect_error([&] { x.at({0, 3}); }, "at: index 3 is out of range for dimension 1 of the shape [2, 3]");
  expect_error([&] { x.at({-3, 0}); }, "at: index -3 is out of range");
  expect_error([&] { x.at({0}); }, "at: 1 numbers do not index the shape [2, 3]");
  expect_error([&] { x.data<std::int64_t>(); }, "the tensor holds float32, not int64");
  expect_error([&] { x.item(); }, "item: a tensor of shape [2, 3] has 6 elements, not one");
  expect_error([] { Tensor().shape(); }, "the tensor is undefined");
}

TEST(Tensor, ConvertsItsOneElement) {
  EXPECT_EQ(full({1, 1}, 2.75).item<std::int64_t>(), 2);
  EXPECT_EQ(full({}, 5, DType::int64).item(), 5.0f);
}

TEST(Tensor, RefusesSizesThatNoMemoryHolds) {
  const std::int64_t large = std::int64_t{1} << 32;
  expect_error([&] { zeros({large, large}); }, "has more elements than 64 bits can count");
  expect_error([&] { empty({large, large / 4}); }, "needs more memory than there can be");
  expect_error([&] { ones({large, large / 256}); }, "there is no memory for a tensor of shape");
  expect_error([&] { full({3, -2}, 1.0); }, "negative size");
  expect_error([&] { randn({large, large}); }, "more elements");
  expect_error([] { arange(0, 1e18); }, "elements are too many");
}

TEST(Tensor, SymbolicOnesHaveAShapeAndNoValues) {
  const Tensor x(Shape{1}, DType::float32, std::make_shared<Symbol>());
  EXPECT_TRUE(x.is_symbolic());
  EXPECT_EQ(x.shape(), Shape{1});
  expect_error([&] { x.data(); }, "not known while a model is traced");
  expect_error([&] { x.item(); }, "item: the values of a symbolic tensor, [1], are not known");
  expect_error([&] { slice(x, 0, 0, 1); }, "slice: a symbolic tensor [1] is used outside of its trace");
}

TEST(Tensor, IndexesBeyondWhat32BitsCount) {
  const Shape shape{3, std::int64_t{1} << 30};  // 12 GiB, of which only the pages that are written exist
  const auto bytes = static_cast<std::size_t>(shape.numel()) * sizeof(float);
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) GTEST_SKIP() << "no address space of 12 GiB";
  Tensor x = from_blob(static_cast<float*>(memory), shape, [bytes](float* data) { munmap(data, bytes); });
  x.at({2, -1}) = 5;
  x.at({2, 1}) = 3;
  EXPECT_EQ(x.span()[static_cast<std::size_t>(shape.numel() - 1)], 5);
  EXPECT_TENSOR_EQ(x.slice(1, -2, shape[1]).slice(0, 2, 3), tensor({0, 5}).with_shape({1, 2}));
  EXPECT_TENSOR_EQ(x.slice(1, 1, 2), tensor({0, 0, 3}).with_shape({3, 1}));
  EXPECT_TENSOR_EQ(x.view({-1}).slice(0, shape.numel() - 1, shape.numel()), tensor({5}));
}

TEST(Tensor, NestedBracesAreRows) {
  EXPECT_EQ(tensor({{1}, {2}}).shape(), (Shape{2, 1}));
  EXPECT_EQ(tensor({{1.0f}}).shape(), (Shape{1, 1}));
  EXPECT_EQ(tensor({1, 2.5}).shape(), (Shape{2}));
}

TEST(Tensor, AnUndefinedOneTakesNoSymbol) {
  test::expect_error([] { Tensor().set_symbol(nullptr); }, "undefined");
}

}  // namespace
}  // namespace minnow
