#include <minnow/nn/batch_norm2d.h>

#include <minnow/ops/binary.h>
#include "support.h"

namespace minnow {
namespace {

using test::expect_error, test::tensor_of;

TEST(BatchNorm2d, TrainsAndEvaluatesAsTorch) {
  for (const auto file = test::golden("layers.json"); const auto& golden : file.at("batch_norm2d")) {
    const auto& given = golden["options"];
    SCOPED_TRACE(given);
    nn::BatchNorm2dOptions options{.eps = given.value("eps", 1e-5),
                                   .affine = given.value("affine", true),
                                   .track_running_stats = given.value("track_running_stats", true)};
    if (given.contains("momentum")) {
      options.momentum = given["momentum"].is_null() ? std::nullopt : std::optional(given["momentum"].get<double>());
    }
    nn::BatchNorm2d norm(3, options);
    for (std::size_t i = 0; i < 3; ++i) {
      norm.train(i < 2);
      EXPECT_TENSOR_NEAR(norm(tensor_of(golden["x"][i])), tensor_of(golden["y"][i]), 1e-5) << i;
    }
    const auto state = norm.state_dict();
    ASSERT_EQ(state.size(), golden["state"].size());
    for (const auto& [name, parameter] : state) {
      const Tensor expected = tensor_of(golden["state"][name]);
      if (parameter.dtype() == DType::int64) {
        EXPECT_TENSOR_EQ(parameter.value(), expected) << name;
      } else {
        EXPECT_TENSOR_NEAR(parameter.value(), expected, 1e-5) << name;
      }
    }
  }
}

TEST(BatchNorm2d, StateIsNamedAndOrderedAsTorchs) {
  std::vector<std::string> names;
  for (const auto& entry : nn::BatchNorm2d(3).state_dict()) names.push_back(entry.name);
  EXPECT_EQ(names, (std::vector<std::string>{"weight", "bias", "running_mean", "running_var", "num_batches_tracked"}));
  EXPECT_EQ(nn::BatchNorm2d(3).num_batches_tracked.dtype(), DType::int64);
  EXPECT_EQ(nn::BatchNorm2d(3).num_parameters(), 6);
}

TEST(BatchNorm2d, ACloneKeepsItsOwnStatistics) {
  const nn::BatchNorm2d norm(2);
  const nn::BatchNorm2d copy = nn::clone(norm);
  copy(randn({2, 2, 3, 3}) + 5.0);
  EXPECT_TENSOR_EQ(norm.running_mean.value(), zeros({2}));
  EXPECT_GT(copy.running_mean.value().at({0}), 0.1f);
  EXPECT_EQ(copy.num_batches_tracked.value().item<std::int64_t>(), 1);
}

TEST(BatchNorm2d, RefusesWhatTorchRefuses) {
  const nn::BatchNorm2d norm(3);
  expect_error([&] { norm(ones({1, 3, 1, 1})); }, "training needs more than one value per channel");
  expect_error([&] { norm(ones({1, 4, 2, 2})); }, "batch_norm: expected an input [N, 3, H, W], got [1, 4, 2, 2]");
  expect_error([&] { norm(ones({3, 2, 2})); }, "got [3, 2, 2]");
}

}  // namespace
}  // namespace minnow
