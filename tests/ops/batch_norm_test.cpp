#include <minnow/ops/batch_norm.h>

#include <minnow/core/threads.h>
#include "support.h"

namespace minnow {
namespace {

using test::expect_error, test::tensor_of;

Tensor get(const nlohmann::json& golden, const char* name) {
  return golden.contains(name) ? tensor_of(golden[name]) : Tensor();
}

TEST(BatchNorm, GivesTorchsNumbersWithGivenStatistics) {
  for (const auto file = test::golden("batch_norm.json"); const auto& golden : file.at("eval")) {
    const Tensor x = tensor_of(golden["x"]);
    SCOPED_TRACE(x.shape());
    EXPECT_TENSOR_NEAR(batch_norm(x, get(golden, "mean"), get(golden, "var"), get(golden, "weight"),
                                  get(golden, "bias"), golden["eps"].get<double>()),
                       tensor_of(golden["y"]), 1e-5);
  }
}

TEST(BatchNorm, TrainingGivesTorchsNumbersAndTheNewStatistics) {
  for (const auto file = test::golden("batch_norm.json"); const auto& golden : file.at("training")) {
    const Tensor x = tensor_of(golden["x"]);
    SCOPED_TRACE(x.shape());
    const auto result =
        batch_norm_training(x, get(golden, "mean"), get(golden, "var"), get(golden, "weight"), get(golden, "bias"),
                            {.momentum = golden["momentum"].get<double>(), .eps = golden["eps"].get<double>()});
    EXPECT_TENSOR_NEAR(result.y, tensor_of(golden["y"]), 1e-5);
    if (!golden.contains("new_mean")) continue;
    EXPECT_TENSOR_NEAR(result.mean, tensor_of(golden["new_mean"]), 1e-5);
    EXPECT_TENSOR_NEAR(result.var, tensor_of(golden["new_var"]), 1e-5);
  }
}

TEST(BatchNorm, BiasedVarianceNormalisesAndUnbiasedIsKept) {
  const Tensor x = tensor({1, 3}).with_shape({2, 1});
  const auto result = batch_norm_training(x, {}, {}, {}, {}, {.eps = 0});
  EXPECT_TENSOR_EQ(result.y, tensor({-1, 1}).with_shape({2, 1}));  // (1 - 2) / sqrt(1)
  EXPECT_EQ(result.mean.item(), 2.0f);
  EXPECT_EQ(result.var.item(), 2.0f);  // not 1
}

TEST(BatchNorm, WritesNothingToItsInputs) {
  const Tensor x = randn({4, 2, 3, 3}), mean = zeros({2}), var = ones({2});
  const auto result = batch_norm_training(x, mean, var);
  EXPECT_TENSOR_EQ(mean, zeros({2}));
  EXPECT_TENSOR_EQ(var, ones({2}));
  EXPECT_NE(result.mean.at({0}), 0.0f);
}

TEST(BatchNorm, EpsStandsInsideTheRoot) {
  const Tensor y = batch_norm(ones({1, 1, 1, 1}), zeros({1}), zeros({1}), {}, {}, 0.25);
  EXPECT_EQ(y.item(), 2.0f);
}

TEST(BatchNorm, GivesTheSameBitsForAnyNumberOfThreads) {
  const Tensor x = randn({3, 7, 11, 5}), mean = randn({7}), var = rand({7});
  const int before = num_threads();
  set_num_threads(1);
  const Tensor y = batch_norm(x, mean, var);
  const auto trained = batch_norm_training(x, mean, var);
  set_num_threads(3);
  EXPECT_TENSOR_EQ(batch_norm(x, mean, var), y);
  const auto again = batch_norm_training(x, mean, var);
  EXPECT_TENSOR_EQ(again.y, trained.y);
  EXPECT_TENSOR_EQ(again.var, trained.var);
  set_num_threads(before);
}

TEST(BatchNorm, RefusesWhatTorchRefuses) {
  expect_error(
      [] {
        batch_norm_training(ones({1, 3, 1, 1}), {}, {});
      },
      "batch_norm: training needs more than one value per channel, got the input [1, 3, 1, 1]");
  expect_error(
      [] {
        batch_norm(ones({1, 3, 2, 2}), zeros({4}), ones({4}));
      },
      "batch_norm: expected [3] per channel, got [4] (input [1, 3, 2, 2])");
  expect_error([] { batch_norm(ones({3}), zeros({3}), ones({3})); }, "expected an input [N, C, ...], got [3]");
  expect_error([] { batch_norm(ones({1, 3}), zeros({3}), ones({3}), ones({3})); }, "only one is given");
}

}  // namespace
}  // namespace minnow
