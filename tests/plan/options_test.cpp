#include <minnow/plan/options.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <regex>

#include <minnow/compile.h>
#include <minnow/nn/batch_norm2d.h>
#include <minnow/nn/conv2d.h>
#include <minnow/nn/sequential.h>
#include <minnow/ops/binary.h>
#include <minnow/ops/unary.h>

#include "plan/traced.h"

namespace minnow {
namespace {

// Something for each switch to take out.
struct Block : nn::Module {
  nn::Child<nn::Conv2d> conv = add("conv", nn::Conv2d(32, 32, 3, {.padding = 1, .bias = false}));
  nn::Child<nn::BatchNorm2d> norm = add("norm", nn::BatchNorm2d(32));

  Block() {
    const test::Norm trained(32);
    norm->running_mean = trained.mean;
    norm->running_var = trained.var;
    eval();
  }
  Tensor forward(const Tensor& x) const override {
    const Tensor y = x * 1.0;
    return relu(norm(conv(y)) + y);
  }
};

const Shape kShape{1, 32, 32, 32};

// The steps of its plan, "algorithm: op -> format" each, once it is known to answer as the model does.
std::string steps_of(const PlanOptions& options, const Shape& shape = kShape) {
  const Block block;
  const CompiledModel fast = compile(block, options);
  const Tensor x = randn(shape);
  EXPECT_TENSOR_NEAR(fast(x), block(x), 1e-4);
  std::string text;
  for (const StepInfo& step : fast.plan(shape)->steps()) {
    text += step.algorithm + ": " + step.op + " -> " + step.format + '\n';
  }
  return std::regex_replace(text, std::regex("NCHW[0-9]+c"), "NCHWc");
}

TEST(PlanOptions, AllThatThereIsAsTheyAre) {
  EXPECT_EQ(steps_of({}), R"(eager: reorder plain to NCHWc -> NCHWc
winograd4: conv2d padding=(1, 1) +scale +shift +residual +clamp(0, inf) -> NCHWc
eager: reorder NCHWc to plain -> plain
)");
}

TEST(PlanOptions, IdentitiesMayStay) {
  EXPECT_EQ(steps_of({.drop_identities = false}), R"(eager: mul value=1 -> plain
eager: reorder plain to NCHWc -> NCHWc
winograd4: conv2d padding=(1, 1) +scale +shift +residual +clamp(0, inf) -> NCHWc
eager: reorder NCHWc to plain -> plain
)");
}

TEST(PlanOptions, BatchNormMayStay) {
  EXPECT_EQ(steps_of({.fold_batch_norm = false}), R"(eager: reorder plain to NCHWc -> NCHWc
winograd4: conv2d padding=(1, 1) -> NCHWc
eager: reorder NCHWc to plain -> plain
eager: batch_norm -> plain
eager: add -> plain
eager: relu -> plain
)");
}

TEST(PlanOptions, AdditionsAndActivationsMayStay) {
  EXPECT_EQ(steps_of({.fuse = false}), R"(eager: reorder plain to NCHWc -> NCHWc
winograd4: conv2d padding=(1, 1) +scale +shift -> NCHWc
eager: add -> NCHWc
eager: relu -> NCHWc
eager: reorder NCHWc to plain -> plain
)");
}

TEST(PlanOptions, EverythingMayStayPlain) {
  EXPECT_EQ(steps_of({.blocked = false}),
            R"(eager: conv2d padding=(1, 1) +scale +shift +residual +clamp(0, inf) -> plain
)");
}

TEST(PlanOptions, WinogradMayBeLeftOut) {
  EXPECT_EQ(steps_of({.winograd = false}), R"(eager: reorder plain to NCHWc -> NCHWc
direct: conv2d padding=(1, 1) +scale +shift +residual +clamp(0, inf) -> NCHWc
eager: reorder NCHWc to plain -> plain
)");
}

TEST(PlanOptions, AlgorithmsMayBePinned) {
  EXPECT_EQ(steps_of({.algorithms = {{"conv", "winograd2"}}}), R"(eager: reorder plain to NCHWc -> NCHWc
winograd2: conv2d padding=(1, 1) +scale +shift +residual +clamp(0, inf) -> NCHWc
eager: reorder NCHWc to plain -> plain
)");
}

TEST(PlanOptions, NothingIsMeasuredUnlessAsked) {
  for (const bool tune : {false, true}) {
    const CompiledModel fast = compile(Block(), {.tune = tune});
    const auto& steps = fast.plan(kShape)->steps();
    EXPECT_EQ(std::ranges::any_of(steps, [](const StepInfo& step) { return !step.measured.empty(); }), tune);
  }
}

TEST(PlanOptions, BuffersMayKeepTheirMemoryToThemselves) {
  const auto chain = [](const Tensor& x) { return exp(tanh(sin(exp(-x)))); };
  const Tensor x = randn({1, 1000});
  std::int64_t bytes[2];
  for (const bool reuse : {false, true}) {
    const CompiledModel fast = compile(nn::Sequential(chain), {.reuse_memory = reuse});
    EXPECT_TENSOR_EQ(fast(x), chain(x));
    bytes[reuse] = fast.memory(x.shape()).arena;
    std::vector<std::int64_t> offsets;
    for (const StepInfo& step : fast.plan(x.shape())->steps()) offsets.push_back(step.offset);
    ASSERT_EQ(offsets.size(), 5u);
    std::ranges::sort(offsets);
    int shared = 0;
    for (std::size_t i = 1; i < offsets.size(); ++i) shared += offsets[i] < offsets[i - 1] + x.nbytes();
    EXPECT_EQ(shared, reuse ? 3 : 0);
  }
  EXPECT_GE(bytes[0], 5 * x.nbytes());
  EXPECT_LT(bytes[1], 3 * x.nbytes());
}

// What is tapped must exist, so nothing is folded or fused beyond it.
TEST(PlanOptions, TapsKeepWhatTheyGiveBack) {
  const Block block;
  const CompiledModel fast = compile(block, {.taps = {"norm", "conv"}, .winograd = false});
  const Tensor x = randn(kShape);
  const std::vector<Tensor> outputs = fast.run({&x, 1});
  ASSERT_EQ(outputs.size(), 3u);
  EXPECT_TENSOR_NEAR(outputs[0], block(x), 1e-4);
  EXPECT_TENSOR_NEAR(outputs[1], block.norm(block.conv(x)), 1e-4);
  EXPECT_TENSOR_NEAR(outputs[2], block.conv(x), 1e-4);
  std::string ops;
  for (const StepInfo& step : fast.plan(kShape)->steps()) ops += step.op.substr(0, step.op.find(' ')) + ' ';
  EXPECT_EQ(ops, "reorder conv2d mul add add relu reorder reorder reorder ");
}

TEST(PlanOptions, EveryCombinationAnswersAsTheModelDoes) {
  for (unsigned bits = 0; bits < 64; ++bits) {
    const auto on = [&](unsigned bit) { return (bits >> bit & 1) != 0; };
    SCOPED_TRACE(bits);
    (void)steps_of({.drop_identities = on(0),
                    .fold_batch_norm = on(1),
                    .fuse = on(2),
                    .blocked = on(3),
                    .winograd = on(4),
                    .reuse_memory = on(5)},
                   {2, 32, 8, 8});
  }
}

}  // namespace
}  // namespace minnow
