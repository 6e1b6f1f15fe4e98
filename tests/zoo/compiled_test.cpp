#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <random>

#include <minnow/compile.h>
#include <minnow/kernels/dispatch.h>
#include <minnow/zoo/zoo.h>

#include "names.h"
#include "support.h"

// Plans against eager calls, for every model of the table. A process has one instruction set: tests/CMakeLists.txt runs
// the grid once more for each, under the label full.

namespace minnow::zoo {
namespace {

/// Gives every parameter values as after training, so that folding batch norm is no formality: uniform numbers from a
/// list that is repeated, since drawing five hundred million takes longer than the tests.
void fill(const nn::Module& model) {
  constexpr std::size_t count = 65'521;  // prime: no period of a layer's
  std::mt19937 engine(1);
  std::vector<float> uniform(count);
  for (float& u : uniform) u = static_cast<float>(engine()) * 0x1p-31f - 1;
  std::size_t at = 0;
  for (const nn::NamedParameter& entry : model.state_dict()) {
    const Shape& shape = entry.parameter.shape();
    if (shape.rank() == 0) continue;  // a counter
    float centre = 0, spread = 0.2f;
    if (shape.rank() > 1) {
      spread = std::sqrt(6.0f * static_cast<float>(shape[0]) / static_cast<float>(shape.numel()));  // Kaiming's
    } else if (entry.name.ends_with("running_var")) {
      centre = 1, spread = 0.5f;
    } else if (entry.name.ends_with("weight")) {
      centre = 0.75f, spread = 0.25f;
    }
    Tensor value = empty(shape);
    for (float& v : value.span()) {
      v = centre + spread * uniform[at];
      at = at + 1 == count ? 0 : at + 1;
    }
    entry.parameter.assign(value);
  }
}

/// The largest difference, as a part of the largest of the expected numbers. NaN if there is a NaN.
double error(const Tensor& actual, const Tensor& expected) {
  EXPECT_EQ(actual.shape(), expected.shape());
  double worst = 0, most = 0;
  for (std::int64_t i = 0; i < expected.numel(); ++i) {
    const double difference = std::abs(static_cast<double>(actual.data()[i]) - expected.data()[i]);
    if (!(difference <= worst)) worst = difference;
    most = std::max(most, std::abs(static_cast<double>(expected.data()[i])));
  }
  return worst / most;
}

void expect_plans_to_answer_as(const nn::AnyModule& model, std::initializer_list<Shape> inputs) {
  const CompiledModel fast = compile(*model), exact = compile(*model, {.winograd = false});
  for (const Shape& input : inputs) {
    const Tensor x = randn(input), expected = model(x);
    EXPECT_LT(error(fast(x), expected), 1e-4) << input;
    EXPECT_LT(error(exact(x), expected), 1e-5) << input;
  }
}

class Compiled : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    const char* isa = std::getenv("MINNOW_ISA");
    if (isa && !kernels::find(kernels::runnable(), isa)) GTEST_SKIP() << "this machine cannot run " << isa;
  }

  nn::AnyModule model() const {
    nn::AnyModule result = create(GetParam());
    fill(*result);
    return result;
  }
};

INSTANTIATE_TEST_SUITE_P(Zoo, Compiled, testing::ValuesIn(model_names()),
                         [](const auto& model) { return model.param; });

TEST_P(Compiled, AnswersAsTheModelDoes) { expect_plans_to_answer_as(model(), {{1, 3, 32, 32}}); }

using CompiledFull = Compiled;

INSTANTIATE_TEST_SUITE_P(Zoo, CompiledFull, testing::ValuesIn(model_names()),
                         [](const auto& model) { return model.param; });

// Maps of one pixel, odd sizes, batches, and the size that the model was made for.
TEST_P(CompiledFull, AnswersAsTheModelDoesForEverySize) {
  const std::int64_t size = find(GetParam()).preset.crop;
  expect_plans_to_answer_as(model(), {{1, 3, 1, 1},
                                      {3, 3, 5, 9},
                                      {3, 3, 31, 33},
                                      {1, 3, 64, 64},
                                      {2, 3, 97, 75},
                                      {1, 3, size, size},
                                      {3, 3, size, size}});
}

}  // namespace
}  // namespace minnow::zoo
