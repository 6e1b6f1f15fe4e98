#include <gtest/gtest.h>

#include <minnow/compile.h>

#include "models.h"

// Plans against eager calls, for every model of the table, with more sizes than golden_test.cpp has numbers for.

namespace minnow::zoo {
namespace {

using CompiledFull = FilledModel;

INSTANTIATE_TEST_SUITE_P(Zoo, CompiledFull, testing::ValuesIn(model_names()),
                         [](const auto& model) { return model.param; });

// Maps of one pixel, odd sizes, batches, and the size that the model was made for.
TEST_P(CompiledFull, AnswersAsTheModelDoesForEverySize) {
  const nn::AnyModule net = model();
  const CompiledModel fast = compile(*net), exact = compile(*net, {.winograd = false});
  const std::int64_t size = find(GetParam()).preset.crop;
  for (const Shape& input : {Shape{1, 3, 1, 1}, Shape{3, 3, 5, 9}, Shape{3, 3, 31, 33}, Shape{1, 3, 64, 64},
                             Shape{2, 3, 97, 75}, Shape{1, 3, size, size}, Shape{3, 3, size, size}}) {
    if (std::min(input[2], input[3]) < find(GetParam()).smallest) continue;
    const Tensor x = randn(input), expected = net(x);
    EXPECT_LT(error(fast(x), expected), 1e-4) << input;
    EXPECT_LT(error(exact(x), expected), 1e-5) << input;
  }
}

}  // namespace
}  // namespace minnow::zoo
