#include <minnow/ops/permute.h>
#include <minnow/ops/view.h>

#include "support.h"

namespace minnow {
namespace {

using test::expect_error;

TEST(View, SharesTheElements) {
  Tensor x = arange(24);
  Tensor y = x.view({2, -1, 4});
  EXPECT_EQ(y.shape(), (Shape{2, 3, 4}));
  y.at({1, 0, 2}) = 100;
  EXPECT_EQ(x.at({14}), 100);
  for (const Tensor& shared :
       {y.reshape({6, 4}), y.flatten(), y.flatten(1), y.unsqueeze(0), y.unsqueeze(-1).squeeze()}) {
    EXPECT_EQ(shared.data(), x.data());
  }
}

TEST(View, WorksOutOneOpenSize) {
  EXPECT_EQ(ones({32, 2048, 1, 1}).view({32, -1}).shape(), (Shape{32, 2048}));
  EXPECT_EQ(ones({0, 3}).view({-1, 3}).shape(), (Shape{0, 3}));
  EXPECT_EQ(tensor(5).view({-1}).shape(), Shape{1});
  EXPECT_EQ(tensor(5).view({1, 1}).shape(), (Shape{1, 1}));
}

TEST(View, RefusesWhatDoesNotFit) {
  const Tensor x = ones({2, 3});
  expect_error([&] { x.view({4, 2}); }, "view: the shape [4, 2] does not fit the 6 elements of [2, 3]");
  expect_error([&] { x.view({4, -1}); }, "view: the shape [4, -1] does not fit the 6 elements of [2, 3]");
  expect_error([&] { x.view({-1, -1}); }, "view: only one size may be -1");
  expect_error([&] { x.view({-2, -3}); }, "view: sizes must not be negative");
  expect_error([&] { x.reshape({7}); }, "reshape: the shape [7] does not fit");
  expect_error([&] { ones({0, 3}).view({-1, 0}); }, "view: -1 is ambiguous in [-1, 0]");
  expect_error([&] { ones({2, 0}).view({0, -1}); }, "ambiguous");
  expect_error([&] { x.view({std::int64_t{1} << 62, 4, -1}); }, "more elements than 64 bits can count");
}

TEST(Flatten, JoinsTheDimensionsItIsGiven) {
  const Tensor x = ones({2, 3, 4, 5});
  EXPECT_EQ(x.flatten().shape(), Shape{120});
  EXPECT_EQ(x.flatten(1).shape(), (Shape{2, 60}));
  EXPECT_EQ(x.flatten(1, 2).shape(), (Shape{2, 12, 5}));
  EXPECT_EQ(x.flatten(-2, -2).shape(), x.shape());
  EXPECT_EQ(ones({0, 3, 4}).flatten(1).shape(), (Shape{0, 12}));
  EXPECT_EQ(tensor(1).flatten().shape(), Shape{1});
  expect_error([&] { x.flatten(2, 1); }, "flatten: dimension 2 comes after 1");
  expect_error([&] { x.flatten(4); }, "flatten: dimension 4 is out of range for the shape [2, 3, 4, 5]");
}

TEST(Squeeze, DropsAndAddsDimensionsOfSizeOne) {
  const Tensor x = ones({1, 3, 1, 2});
  EXPECT_EQ(x.squeeze().shape(), (Shape{3, 2}));
  EXPECT_EQ(x.squeeze(0).shape(), (Shape{3, 1, 2}));
  EXPECT_EQ(x.squeeze(-2).shape(), (Shape{1, 3, 2}));
  EXPECT_EQ(x.squeeze(1).shape(), x.shape());
  EXPECT_EQ(x.unsqueeze(0).shape(), (Shape{1, 1, 3, 1, 2}));
  EXPECT_EQ(x.unsqueeze(-1).shape(), (Shape{1, 3, 1, 2, 1}));
  EXPECT_EQ(x.unsqueeze(2).shape(), (Shape{1, 3, 1, 1, 2}));
  expect_error([&] { x.unsqueeze(5); }, "unsqueeze: there is no position 5 in the shape [1, 3, 1, 2]");
  expect_error([&] { ones({1, 1, 1, 1, 1, 1, 1, 1}).unsqueeze(0); }, "at most 8 dimensions");
}

TEST(View, TakesInt64AsWell) { EXPECT_TENSOR_EQ(zeros({2, 3}, DType::int64).view({-1}), zeros({6}, DType::int64)); }

TEST(View, ShapeRulesHoldAtCompileTime) {
  static_assert(view_shape({2, 3, 4}, {-1, 4}) == Shape{6, 4});
  static_assert(flatten_shape({2, 3, 4}, 1) == Shape{2, 12});
  static_assert(squeeze_shape({1, 2, 1}) == Shape{2});
  static_assert(unsqueeze_shape({2, 3}, -1) == Shape{2, 3, 1});
}

}  // namespace
}  // namespace minnow
