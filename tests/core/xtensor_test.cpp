#include <minnow/core/xtensor.h>

#include <xtensor/xsort.hpp>
#include <xtensor/xstrided_view.hpp>
#include <xtensor/xview.hpp>

#include "support.h"

// Written as somebody would who knows xtensor and nothing of the traps of g++ in C++20.

namespace minnow {
namespace {

TEST(Xtensor, SharesTheElements) {
  Tensor x = zeros({2, 3});
  auto a = as_xt(x);
  a(1, 2) = 5.0f;
  xt::view(a, 0, xt::all()) = 1.0f;
  xt::view(a, xt::all(), 1) += 10.0f;
  EXPECT_TENSOR_EQ(x, tensor({{1, 11, 1}, {0, 10, 5}}));
  const Tensor& constant = x;
  static_assert(std::is_const_v<std::remove_reference_t<decltype(as_xt(constant)(0, 0))>>);
}

TEST(Xtensor, ReducesAtOnceAndLazilyToTheRightShapes) {
  const Tensor x = arange(0, 120).with_shape({2, 3, 4, 5});
  const auto a = as_xt(x);
  const auto at_once = xt::eval(xt::sum(a, {2, 3}));
  EXPECT_EQ(from_xt(at_once).shape(), (Shape{2, 3}));
  EXPECT_EQ(at_once(1, 2), 100 * 20 + 190);
  const xt::xarray<float> immediate = xt::mean(a, {0}, xt::evaluation_strategy::immediate);
  EXPECT_EQ(from_xt(immediate).shape(), (Shape{3, 4, 5}));
  EXPECT_EQ(from_xt(xt::amax(a, {1}, xt::keep_dims)).shape(), (Shape{2, 1, 4, 5}));
  EXPECT_EQ(from_xt(xt::sum(a)).item(), 7140.0f);
  EXPECT_EQ(from_xt(xt::sum(a)).shape(), Shape{});
}

TEST(Xtensor, AssignsToStridedViews) {
  Tensor x = zeros({4, 6});
  auto a = as_xt(x);
  xt::strided_view(a, {xt::range(0, 4, 2), xt::range(1, 6, 2)}) = xt::ones<float>({2, 3});
  EXPECT_EQ(xt::sum(a)(), 6.0f);
  xt::strided_view(a, {xt::all(), 0}) = xt::sum(as_xt(x), {1});
  EXPECT_TENSOR_EQ(from_xt(xt::view(a, xt::all(), 0)), tensor({3, 0, 3, 0}));
}

TEST(Xtensor, BroadcastsAndConverts) {
  const Tensor x = tensor({{1, 2}, {3, 4}}), row = tensor({10, 20});
  EXPECT_TENSOR_EQ(from_xt(as_xt(x) * 2.0 + as_xt(row)), tensor({{12, 24}, {16, 28}}));
  EXPECT_TENSOR_EQ(from_xt(xt::transpose(as_xt(x))), tensor({{1, 3}, {2, 4}}));
  const std::vector<std::int64_t> larger = {0, 0, 1, 1};
  EXPECT_TENSOR_EQ(from_xt(as_xt(x) > 2.0f), tensor(std::span<const std::int64_t>(larger), {2, 2}));
  EXPECT_TENSOR_EQ(from_xt(xt::xarray<double>{0.5, 0.25}), tensor({0.5f, 0.25f}));
}

TEST(Xtensor, TakesInt64EmptyAndScalarTensors) {
  Tensor x = zeros({3}, DType::int64);
  as_xt<std::int64_t>(x) = xt::arange<std::int64_t>(3) * 7;
  EXPECT_EQ(x.at<std::int64_t>({2}), 14);
  const Tensor none = zeros({0, 3}), one = tensor(4);
  EXPECT_TENSOR_EQ(from_xt(as_xt(none) + 1.0f), none);
  EXPECT_TENSOR_EQ(from_xt(as_xt(one) * 2.0f), tensor(8));
  test::expect_error([&] { as_xt(x); }, "the tensor holds int64, not float32");
}

TEST(Xtensor, RefusesSymbolicTensors) {
  const Tensor symbolic(Shape{2}, DType::float32, std::shared_ptr<Symbol>());
  test::expect_error([&] { as_xt(symbolic); }, "symbolic tensor, [2]");
}

}  // namespace
}  // namespace minnow
