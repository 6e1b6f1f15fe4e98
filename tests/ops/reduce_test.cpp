#include <cmath>

#include <minnow/core/threads.h>
#include <minnow/ops/argmax.h>
#include <minnow/ops/reduce.h>
#include <minnow/ops/softmax.h>
#include <minnow/ops/unary.h>
#include <minnow/ops/view.h>

#include "support.h"

namespace minnow {
namespace {

using test::expect_error;
using test::kInf;
using test::tensor_of;

TEST(Reduce, GivesTorchsNumbers) {
  for (const auto file = test::golden("tensor_ops.json"); const auto& golden : file.at("reduce")) {
    const Tensor x = tensor_of(golden["x"]);
    const Dims dims(golden["dims"].get<std::vector<int>>());
    SCOPED_TRACE(str(x.shape(), " over ", dims));
    EXPECT_TENSOR_NEAR(sum(x, dims), tensor_of(golden["sum"]), 1e-5);
    EXPECT_TENSOR_NEAR(mean(x, dims, true), tensor_of(golden["mean keepdim"]), 1e-5);
    EXPECT_TENSOR_EQ(max(x, dims), tensor_of(golden["max"]));
    EXPECT_TENSOR_EQ(min(x, dims, true), tensor_of(golden["min keepdim"]));
    EXPECT_TENSOR_NEAR(var(x, dims), tensor_of(golden["var"]), 1e-5);
    EXPECT_TENSOR_NEAR(var(x, dims, false), tensor_of(golden["var biased"]), 1e-5);
    EXPECT_TENSOR_NEAR(std(x, dims), tensor_of(golden["std"]), 1e-5);
    EXPECT_TENSOR_NEAR(norm(x, 2, dims), tensor_of(golden["norm"]), 1e-5);
    EXPECT_TENSOR_NEAR(norm(x, 1, dims), tensor_of(golden["norm 1"]), 1e-5);
    EXPECT_TENSOR_NEAR(norm(x, 3, dims), tensor_of(golden["norm 3"]), 1e-5);
    EXPECT_TENSOR_EQ(norm(x, 0, dims), tensor_of(golden["norm 0"]));
    EXPECT_TENSOR_EQ(norm(x, kInf, dims), tensor_of(golden["norm inf"]));
    EXPECT_TENSOR_EQ(norm(x, -kInf, dims), tensor_of(golden["norm -inf"]));
  }
}

TEST(Reduce, TheDeviationIsFiniteWhereTheVarianceIsNot) {
  EXPECT_TENSOR_EQ(std(tensor({-1e30, 1e30}), {}, false), full({}, 1e30));
  EXPECT_TENSOR_EQ(std(tensor({-1e-30, 1e-30}), {}, false), full({}, 1e-30));
}

TEST(Reduce, TreatsNothingAsTorchDoes) {
  const nlohmann::json golden = test::golden("tensor_ops.json")["reduce empty"];
  const Tensor x = tensor_of(golden["x"]);  // [2, 0, 3]
  EXPECT_TENSOR_EQ(sum(x, 1), tensor_of(golden["sum"]));
  EXPECT_TENSOR_EQ(sum(x), tensor_of(golden["sum all"]));
  EXPECT_TENSOR_EQ(mean(x, 1), tensor_of(golden["mean"]));
  EXPECT_TENSOR_EQ(mean(x), tensor_of(golden["mean all"]));
  EXPECT_TENSOR_EQ(var(x, 1), tensor_of(golden["var"]));
  EXPECT_TENSOR_EQ(std(x, 1), tensor_of(golden["std"]));
  EXPECT_TENSOR_EQ(norm(x, 2, 1), tensor_of(golden["norm"]));
  EXPECT_TENSOR_EQ(max(x, 0), tensor_of(golden["max of 0"]));
  expect_error([&] { max(x, 1); }, "max: dimension 1 of the shape [2, 0, 3] has no elements to choose from");
  expect_error([&] { min(x); }, "min: dimension 1");
  expect_error([&] { norm(x, INFINITY, 1); }, "norm: dimension 1");
  expect_error([&] { norm(x, -1, 1); }, "norm: dimension 1");
}

TEST(Reduce, FindsTheLargestTheSmallestAndNaNWhereverTheyAre) {
  for (const std::int64_t n : {1, 31, 32, 75}) {
    for (std::int64_t place = 0; place < n; ++place) {
      Tensor x = ones({n});
      x.data()[place] = 2;
      EXPECT_EQ(max(x).item(), 2);
      EXPECT_EQ(norm(-x, kInf).item(), 2);
      x.data()[place] = 0.5f;
      EXPECT_EQ(min(x).item(), 0.5f);
      EXPECT_EQ(norm(-x, -kInf).item(), 0.5f);
      x.data()[place] = test::kNaN;
      for (const Tensor& y : {max(x), min(x), norm(x, kInf), norm(x, -kInf)}) EXPECT_TRUE(std::isnan(y.item()));
    }
  }
}

TEST(Reduce, NormsOfLongRowsAgreeWithALoop) {
  const Tensor x = randn({3, 77});
  for (const double p : {1.0, 2.0}) {
    const Tensor y = norm(x, p, 1);
    for (std::int64_t i = 0; i < 3; ++i) {
      double total = 0;
      for (std::int64_t j = 0; j < 77; ++j) total += std::pow(std::abs(static_cast<double>(x.at({i, j}))), p);
      EXPECT_NEAR(y.at({i}), std::pow(total, 1 / p), 1e-5);
    }
  }
}

TEST(Reduce, DoesNotLoseSmallNumbersInLargeSums) {
  EXPECT_EQ(sum(ones({20'000'001})).item<double>(),
            20'000'000.0);  // 20,000,001 is no float32; 2^24 would be a float sum
  EXPECT_NEAR(var(tensor({10000001, 10000002, 10000003})).item(), 1.0, 1e-6);
}

TEST(Reduce, GivesTheSameBitsForAnyNumberOfThreads) {
  const Tensor x = randn({7, 33, 501});
  const int before = num_threads();
  for (const Dims dims : {Dims{0}, Dims{1}, Dims{2}, Dims{0, 2}, Dims{}}) {
    set_num_threads(1);
    const Tensor one = sum(x, dims), deviation = std(x, dims);
    set_num_threads(4);
    EXPECT_TENSOR_EQ(sum(x, dims), one);
    EXPECT_TENSOR_EQ(std(x, dims), deviation);
  }
  set_num_threads(before);
}

TEST(Reduce, AScalarHasADimensionToReduceAsInTorch) {
  const Tensor x = tensor(2.5f);
  for (const int dim : {0, -1}) {
    EXPECT_TENSOR_EQ(sum(x, dim), x);
    EXPECT_TENSOR_EQ(max(x, dim, true), x);
    EXPECT_TENSOR_EQ(squeeze(x, dim), x);
    EXPECT_EQ(argmax(x, dim).item<std::int64_t>(), 0);
  }
  expect_error([&] { sum(x, 1); }, "sum: dimension 1 is out of range");
  expect_error([&] { flatten(x, 5, 7); }, "flatten: dimension 5 is out of range");
}

TEST(Reduce, RefusesWrongDimensionsAndInt64) {
  expect_error([] { sum(ones({2, 3}), 2); }, "sum: dimension 2 is out of range for the shape [2, 3]");
  expect_error([] { mean(ones({2, 3}), {0, -2}); }, "mean: dimension -2 appears twice in (0, -2)");
  expect_error([] { sum(zeros({2}, DType::int64)); }, "sum: expected float32, got int64 [2]");
}

TEST(Reduce, MembersAreTheSameFunctions) {
  const Tensor x = tensor({{1, 2}, {3, 5}});
  EXPECT_TENSOR_EQ(x.sum({-1}, true), tensor({3, 8}).with_shape({2, 1}));
  EXPECT_TENSOR_EQ(x.mean(), tensor(2.75));
  EXPECT_EQ(x.max().item(), 5);
  EXPECT_EQ(x.min().item(), 1);
  EXPECT_TENSOR_EQ(x.mean(1), tensor({1.5f, 4}));
  EXPECT_TENSOR_EQ(x.max(0), tensor({3, 5}));
  EXPECT_TENSOR_EQ(x.min({0, 1}, true), tensor({1}).with_shape({1, 1}));
  EXPECT_TENSOR_EQ(x.var(1, false), var(x, 1, false));
  EXPECT_TENSOR_EQ(x.std(), std(x));
  EXPECT_TENSOR_EQ(x.norm(1, 0), norm(x, 1, 0));
  EXPECT_TENSOR_EQ(x.argmin(0, true), argmin(x, 0, true));
  EXPECT_TENSOR_EQ(x.log_softmax(1), log_softmax(x, 1));
}

TEST(Reduce, ShapeRuleHoldsAtCompileTime) {
  static_assert(reduce_shape("sum", {2, 3, 4}, {-1, 0}, false) == Shape{3});
  static_assert(reduce_shape("sum", {2, 3, 4}, {}, true) == Shape{1, 1, 1});
}

}  // namespace
}  // namespace minnow
