#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <minnow/ops/binary.h>
#include <minnow/ops/compare.h>
#include <minnow/ops/conv2d.h>
#include <minnow/ops/linear.h>
#include <minnow/ops/unary.h>
#include <minnow/ops/where.h>
#include <minnow/plan/packed_weights.h>
#include <minnow/plan/plan.h>

#include "plan/laid.h"

namespace minnow {
namespace {

using Function = std::function<Tensor(const Tensor&)>;

// Activations that no convolution takes over run on arrays in blocks, on whatever is in the lanes behind the last
// channel too: what they make of it, infinities and NaN, must reach no result.
class Activations : public testing::Test {
 protected:
  static constexpr std::int64_t kChannels = 13;  // which fill no block

  // A convolution in front, which reads plain pixels, and two behind, one of which adds a residual.
  Tensor around(const Function& activation, const Tensor& x) const {
    const Tensor y = activation(conv2d(x, first_));
    return conv2d(y, depthwise_, {}, {.padding = 1, .groups = kChannels}) + conv2d(y, dense_, {}, {.padding = 1});
  }

  void expect_no_reorders(const std::string& name, const Function& activation) const {
    SCOPED_TRACE(name);
    const auto f = [&](const Tensor& x) { return around(activation, x); };
    PackedWeights weights;
    const Plan plan(test::traced_graph(f, {{2, 3, 9, 10}}), {}, weights);
    const std::vector<StepInfo>& steps = plan.steps();
    for (std::size_t i = 0; i + 1 < steps.size(); ++i) {
      EXPECT_TRUE(steps[i].format.starts_with("NCHW")) << plan;
      EXPECT_FALSE(steps[i].op.starts_with("reorder")) << plan;
    }
    EXPECT_EQ(steps.back().format, "plain") << plan;

    const Tensor x = randn({2, 3, 9, 10}), expected = f(x);
    for (int call = 0; call < 2; ++call) EXPECT_TENSOR_NEAR(plan.run({&x, 1}).front(), expected, 1e-4);
  }

 private:
  const Tensor first_ = randn({kChannels, 3, 3, 3}), depthwise_ = randn({kChannels, 1, 3, 3}),
               dense_ = randn({kChannels, kChannels, 3, 3});
};

TEST_F(Activations, OfOneNumberNeedNoReorders) {
  const Tensor halves = full({1, kChannels, 1, 1}, 0.5f);  // and zeros behind them, whose reciprocal is infinite
  for (int i = 0; i <= static_cast<int>(UnaryKind::clamp); ++i) {
    const auto kind = static_cast<UnaryKind>(i);
    const float alpha = kind == UnaryKind::clamp ? -0.5f : 0.3f, beta = kind == UnaryKind::clamp ? 0.5f : 20.0f;
    const bool of_positive = kind == UnaryKind::log || kind == UnaryKind::log1p || kind == UnaryKind::sqrt ||
                             kind == UnaryKind::rsqrt || kind == UnaryKind::reciprocal;
    expect_no_reorders(name_of(kind), [&](const Tensor& x) {
      const Tensor y = of_positive ? square(x) + halves : x;
      return apply<UnaryOp>({kind == UnaryKind::exp ? clamp(y, -5, 5) : y}, kind, alpha, beta);
    });
  }
}

TEST_F(Activations, ComposedOnesNeedNoReorders) {
  const Tensor slopes = rand({1, kChannels, 1, 1}), slope = tensor({0.25f}), other = tensor({0.5f}).view({1, 1, 1, 1});
  const std::pair<const char*, Function> list[] = {
      {"mish", [](const Tensor& x) { return x * tanh(softplus(x)); }},
      {"gelu by tanh", [](const Tensor& x) { return x * 0.5 * (tanh((x + pow(x, 3) * 0.044715) * 0.79788) + 1.0); }},
      {"softsign", [](const Tensor& x) { return x / (abs(x) + 1.0); }},
      {"hardshrink", [](const Tensor& x) { return x * gt(abs(x), 0.5); }},
      {"threshold", [](const Tensor& x) { return where(gt(x, 0.1), x, tensor({-1.0f})); }},
      {"elu by where", [](const Tensor& x) { return where(gt(x, 0), x, exp(x) - 1.0); }},
      {"prelu", [&](const Tensor& x) { return maximum(x, slopes * x); }},
      {"prelu of one slope", [&](const Tensor& x) { return where(ge(x, 0), x, slope * x); }},
      {"star_relu", [&](const Tensor& x) { return square(relu(x)) * slope + other; }},
      {"divided by", [&](const Tensor& x) { return slope / (square(x) + 0.5); }},
  };
  for (const auto& [name, activation] : list) expect_no_reorders(name, activation);
}

TEST_F(Activations, OfRowsNeedNoReorders) {
  const Tensor first = randn({kChannels, 7}), second = randn({5, kChannels}), halves = full({1, kChannels}, 0.5f);
  const auto f = [&](const Tensor& x) {
    const Tensor y = linear(x, first), active = sigmoid(y);
    return linear(active + reciprocal(square(y) + halves), second);
  };
  PackedWeights weights;
  const Plan plan(test::traced_graph(f, {{3, 7}}), {}, weights);
  std::vector<std::string> ops;
  for (const StepInfo& step : plan.steps()) ops.push_back(step.op.substr(0, step.op.find(' ')));
  EXPECT_THAT(ops, testing::ElementsAre("reorder", "linear", "sigmoid", "square", "add", "reciprocal", "add", "linear",
                                        "reorder"));
  const Tensor x = randn({3, 7});
  EXPECT_TENSOR_NEAR(plan.run({&x, 1}).front(), f(x), 1e-5);
}

TEST_F(Activations, AnActivationBetweenTwoConvolutionsNeedsNoReorder) {
  const test::Laid laid([](const Tensor& x) { return test::conv(sigmoid(test::conv(leaky_relu(test::conv(x), 0.1)))); },
                        {1, 32, 4, 4});
  EXPECT_EQ(laid.before, R"(input %0 [1, 32, 4, 4]
%2 = conv2d(%0, [32, 32, 3, 3]) padding=(1, 1) -> [1, 32, 4, 4]
%3 = leaky_relu(%2) negative_slope=0.1 -> [1, 32, 4, 4]
%4 = conv2d(%3, [32, 32, 3, 3]) padding=(1, 1) -> [1, 32, 4, 4]
%5 = sigmoid(%4) -> [1, 32, 4, 4]
%6 = conv2d(%5, [32, 32, 3, 3]) padding=(1, 1) -> [1, 32, 4, 4]
output %6
)");
  EXPECT_EQ(laid.after, R"(input %0 [1, 32, 4, 4]
%7 = reorder(%0) plain to NCHWc -> [1, 32, 4, 4]  : plain -> NCHWc
%2 = conv2d(%7, [32, 32, 3, 3]) padding=(1, 1) -> [1, 32, 4, 4]  : NCHWc plain -> NCHWc
%3 = leaky_relu(%2) negative_slope=0.1 -> [1, 32, 4, 4]  : NCHWc -> NCHWc
%4 = conv2d(%3, [32, 32, 3, 3]) padding=(1, 1) -> [1, 32, 4, 4]  : NCHWc plain -> NCHWc
%5 = sigmoid(%4) -> [1, 32, 4, 4]  : NCHWc -> NCHWc
%6 = conv2d(%5, [32, 32, 3, 3]) padding=(1, 1) -> [1, 32, 4, 4]  : NCHWc plain -> NCHWc
%8 = reorder(%6) NCHWc to plain -> [1, 32, 4, 4]  : NCHWc -> plain
output %8
)");
}

TEST_F(Activations, ASingleNumberGoesWithBlocksAsItIs) {
  const Tensor slope = full({1}, 0.25f);
  const test::Laid laid(
      [&](const Tensor& x) {
        const Tensor y = test::conv(x), scaled = slope * y;
        return test::conv(where(gt(y, 0), y, scaled));
      },
      {1, 32, 4, 4});
  EXPECT_EQ(laid.before, R"(input %0 [1, 32, 4, 4]
%2 = conv2d(%0, [32, 32, 3, 3]) padding=(1, 1) -> [1, 32, 4, 4]
%4 = mul([1], %2) -> [1, 32, 4, 4]
%5 = gt(%2) value=0 -> [1, 32, 4, 4]
%6 = where(%5, %2, %4) -> [1, 32, 4, 4]
%7 = conv2d(%6, [32, 32, 3, 3]) padding=(1, 1) -> [1, 32, 4, 4]
output %7
)");
  EXPECT_EQ(laid.after, R"(input %0 [1, 32, 4, 4]
%8 = reorder(%0) plain to NCHWc -> [1, 32, 4, 4]  : plain -> NCHWc
%2 = conv2d(%8, [32, 32, 3, 3]) padding=(1, 1) -> [1, 32, 4, 4]  : NCHWc plain -> NCHWc
%4 = mul([1], %2) -> [1, 32, 4, 4]  : plain NCHWc -> NCHWc
%5 = gt(%2) value=0 -> [1, 32, 4, 4]  : NCHWc -> NCHWc
%6 = where(%5, %2, %4) -> [1, 32, 4, 4]  : NCHWc NCHWc NCHWc -> NCHWc
%7 = conv2d(%6, [32, 32, 3, 3]) padding=(1, 1) -> [1, 32, 4, 4]  : NCHWc plain -> NCHWc
%9 = reorder(%7) NCHWc to plain -> [1, 32, 4, 4]  : NCHWc -> plain
output %9
)");
}

}  // namespace
}  // namespace minnow
