#include <minnow/ops/permute.h>

#include "support.h"

namespace minnow {
namespace {

using test::expect_error;

TEST(Permute, GivesTorchsOrder) {
  for (const auto file = test::golden("tensor_ops.json"); const auto& golden : file.at("permute")) {
    const Dims dims(golden["dims"].get<std::vector<int>>());
    EXPECT_TENSOR_EQ(permute(test::tensor_of(golden["x"]), dims), test::tensor_of(golden["y"])) << dims;
  }
}

TEST(Permute, CopiesAndComesBack) {
  const Tensor x = randn({3, 1, 5, 7});
  Tensor y = x.permute({2, 0, 3, 1});
  EXPECT_TENSOR_EQ(y.permute({1, 3, 0, 2}), x);
  y += 1;
  EXPECT_NE(x.data(), y.data());
  EXPECT_TENSOR_EQ(x.transpose(0, -1).transpose(-1, 0), x);
  EXPECT_EQ(x.transpose(1, 2).shape(), (Shape{3, 5, 1, 7}));
}

TEST(Permute, TakesEmptyScalarAndInt64) {
  EXPECT_EQ(ones({0, 3}).permute({1, 0}).shape(), (Shape{3, 0}));
  EXPECT_TENSOR_EQ(tensor(2).permute({}), tensor(2));
  EXPECT_TENSOR_EQ(arange(0, 6, 1, DType::int64).with_shape({2, 3}).transpose(0, 1).with_shape({6}),
                   tensor(std::span<const std::int64_t>(std::vector<std::int64_t>{0, 3, 1, 4, 2, 5}), {6}));
}

TEST(Permute, RefusesListsThatAreNoOrder) {
  const Tensor x = ones({2, 3});
  expect_error([&] { x.permute({0}); }, "permute: (0) does not list the dimensions of the shape [2, 3]");
  expect_error([&] { x.permute({0, -2}); }, "permute: dimension -2 appears twice in (0, -2)");
  expect_error([&] { x.transpose(0, 2); }, "transpose: dimension 2 is out of range for the shape [2, 3]");
}

}  // namespace
}  // namespace minnow
