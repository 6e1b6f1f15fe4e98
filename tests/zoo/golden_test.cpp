#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include <minnow/compile.h>

#include "models.h"
#include "support.h"

// Eager calls and plans against PyTorch, for every model of the table: tests/golden/make_models.py.

namespace minnow::zoo {
namespace {

Tensor picture(const Shape& shape) {
  Tensor x = empty(shape);
  std::ranges::transform(uniform(shape.numel(), 2), x.data(), [](float u) { return 2 * u; });
  return x;
}

/// Asks the model and its plans for those of the golden inputs that `wanted` takes.
void expect_pytorchs_logits(const std::string& name, const nn::AnyModule& model,
                            const std::function<bool(const Shape&)>& wanted) {
  const nlohmann::json golden = test::golden("models.json");
  const auto& inputs = golden.at("inputs");
  const auto& logits = golden.at("logits").at(name);
  ASSERT_EQ(logits.size(), inputs.size());
  const CompiledModel fast = compile(*model), exact = compile(*model, {.winograd = false});
  int asked = 0;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const Shape input = test::shape_of(inputs[i]);
    if (!wanted(input) || std::min(input[2], input[3]) < find(name).smallest) continue;
    const Tensor expected = test::tensor_of(logits[i]);  // the first few
    const auto from_pytorch = [&](const Tensor& y) { return error(y.slice(1, 0, expected.dim(1)), expected); };
    const Tensor x = picture(input), eager = model(x), fast_y = fast(x), exact_y = exact(x);
    EXPECT_LT(from_pytorch(eager), 1e-5) << input;
    EXPECT_LT(from_pytorch(fast_y), 1e-4) << input;
    EXPECT_LT(from_pytorch(exact_y), 1e-5) << input;
    EXPECT_LT(error(fast_y, eager), 1e-4) << input;
    EXPECT_LT(error(exact_y, eager), 1e-5) << input;
    ++asked;
  }
  EXPECT_GT(asked, 0);
}

using Golden = FilledModel;

INSTANTIATE_TEST_SUITE_P(Zoo, Golden, testing::ValuesIn(model_names()), [](const auto& model) { return model.param; });

TEST_P(Golden, EagerAndPlansGivePyTorchsLogits) {
  expect_pytorchs_logits(GetParam(), model(), [](const Shape& input) { return input == Shape{1, 3, 32, 32}; });
}

using GoldenFull = FilledModel;

INSTANTIATE_TEST_SUITE_P(Zoo, GoldenFull, testing::ValuesIn(model_names()),
                         [](const auto& model) { return model.param; });

TEST_P(GoldenFull, EagerAndPlansGivePyTorchsLogitsForEverySize) {
  expect_pytorchs_logits(GetParam(), model(), [](const Shape&) { return true; });
}

}  // namespace
}  // namespace minnow::zoo
