#include <minnow/ops/binary.h>
#include <minnow/ops/compare.h>
#include <minnow/ops/unary.h>
#include <minnow/ops/view.h>

#include "support.h"

namespace minnow {
namespace {

using test::expect_error;
using test::kInf;
using test::kNaN;
using test::tensor_of;

TEST(Binary, BroadcastsAsTorchDoes) {
  for (const auto file = test::golden("tensor_ops.json"); const auto& golden : file.at("binary")) {
    const Tensor a = tensor_of(golden["a"]), b = tensor_of(golden["b"]);
    SCOPED_TRACE(str(a.shape(), " and ", b.shape()));
    EXPECT_TENSOR_EQ(add(a, b), tensor_of(golden["add"]));
    EXPECT_TENSOR_EQ(sub(a, b), tensor_of(golden["sub"]));
    EXPECT_TENSOR_EQ(mul(a, b), tensor_of(golden["mul"]));
    EXPECT_TENSOR_EQ(div(a, b), tensor_of(golden["div"]));
    EXPECT_TENSOR_EQ(maximum(a, b), tensor_of(golden["maximum"]));
    EXPECT_TENSOR_EQ(minimum(a, b), tensor_of(golden["minimum"]));
    EXPECT_TENSOR_NEAR(pow(a, b), tensor_of(golden["pow"]), 1e-6);
  }
}

TEST(Binary, TakesNumbersOnEitherSide) {
  const nlohmann::json golden = test::golden("tensor_ops.json")["scalar"];
  const Tensor x = tensor_of(golden["x"]);
  EXPECT_TENSOR_EQ(x + 2.5, tensor_of(golden["add"]));
  EXPECT_TENSOR_EQ(2.5 + x, tensor_of(golden["add"]));
  EXPECT_TENSOR_EQ(x - 2.5, tensor_of(golden["sub"]));
  EXPECT_TENSOR_EQ(2.5 - x, tensor_of(golden["rsub"]));
  EXPECT_TENSOR_EQ(x * 2.5, tensor_of(golden["mul"]));
  EXPECT_TENSOR_EQ(2.5 * x, tensor_of(golden["mul"]));
  EXPECT_TENSOR_NEAR(x / 2.5, tensor_of(golden["div"]), 1e-7);
  EXPECT_TENSOR_NEAR(2.5 / x, tensor_of(golden["rdiv"]), 1e-6);
  EXPECT_TENSOR_NEAR(pow(x, 2.5), tensor_of(golden["pow"]), 1e-6);
  EXPECT_TENSOR_NEAR(pow(2.5, x), tensor_of(golden["rpow"]), 1e-6);
  EXPECT_TENSOR_EQ(pow(x, 2.0), tensor_of(golden["square"]));
}

TEST(Binary, PowersThatAreFunctionsOfTheirOwnKeepTorchsCorners) {
  const Tensor x = tensor({0.0f, 4.0f, 0.1f, kInf, -2.0f, kNaN});
  EXPECT_TENSOR_EQ(pow(x, 2), square(x));
  EXPECT_TENSOR_EQ(pow(x, 0.5), tensor({0, 2, std::sqrt(0.1f), kInf, kNaN, kNaN}));
  EXPECT_TENSOR_EQ(pow(x, -0.5), tensor({kInf, 0.5f, 1 / std::sqrt(0.1f), 0, kNaN, kNaN}));
  EXPECT_TENSOR_EQ(pow(x, -1), tensor({kInf, 0.25f, 1 / 0.1f, 0, -0.5f, kNaN}));
  EXPECT_TENSOR_NEAR(pow(x, 3), x * x * x, 1e-7);
  EXPECT_TENSOR_EQ(pow(2, tensor({-1, 0.5f, 2})), tensor({0.5f, std::sqrt(2.0f), 4}));
}

TEST(Binary, GivesTheSameBitsInEveryShape) {
  const Tensor x = randn({3, 5, 67, 129}), y = randn({5, 1, 1});
  const Tensor z = x * y - 1.5;
  for (std::int64_t i = 0; i < x.numel(); ++i) {
    const float product = x.data()[i] * y.data()[i / (67 * 129) % 5];
    ASSERT_EQ(z.data()[i], product - 1.5f) << i;
  }
}

TEST(Binary, RefusesShapesThatDoNotBroadcastAndInt64) {
  const Tensor x = ones({2, 3});
  expect_error([&] { x + ones({2, 2}); }, "add: the shapes [2, 3] and [2, 2] do not broadcast");
  expect_error([&] { x* zeros({2, 3}, DType::int64); }, "mul: expected float32, got int64 [2, 3]");
  expect_error([&] { zeros({2}, DType::int64) - 1; }, "sub: expected float32");
  expect_error([&] { x / Tensor(); }, "div: an input is an undefined tensor");
}

TEST(Binary, ShapeRuleHoldsAtCompileTime) {
  static_assert(detail::broadcast_shape("add", {2, 1, 3}, {4, 1}) == Shape{2, 4, 3});
  static_assert(detail::broadcast_shape("add", {}, {0, 3}) == Shape{0, 3});
}

TEST(Assign, WritesWhereEveryHandleSeesIt) {
  Tensor x = tensor({1, 2, 3, 4});
  const Tensor same = x, seen = x.view({2, 2});
  x += tensor({10});
  x *= 2;
  x -= same;
  x += seen.view({4});
  EXPECT_TENSOR_EQ(same, tensor({0, 0, 0, 0}));
  x += 1;
  x /= tensor({1, 2, 4, 8});
  x -= 0.125;
  EXPECT_TENSOR_EQ(seen, tensor({{0.875f, 0.375f}, {0.125f, 0.0f}}));
}

TEST(Assign, RefusesAResultThatDoesNotFit) {
  Tensor x = ones({2, 1});
  expect_error([&] { x += ones({2, 3}); }, "add: the result of shape [2, 3] does not fit into the shape [2, 1]");
  EXPECT_TENSOR_EQ(x, ones({2, 1}));
}

TEST(Binary, HandlesEmptyAndScalarTensors) {
  EXPECT_TENSOR_EQ(ones({0, 3}) + 1, zeros({0, 3}));
  EXPECT_TENSOR_EQ(tensor(2) * tensor(3), tensor(6));
  EXPECT_TENSOR_EQ(maximum(tensor({kNaN, 1, -kInf}), tensor({0, kNaN, -kInf})), tensor({kNaN, kNaN, -kInf}));
}

}  // namespace
}  // namespace minnow
