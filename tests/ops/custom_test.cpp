#include <minnow/ops/custom.h>

#include <minnow/ops/binary.h>

#include "support.h"

namespace minnow {
namespace {

CustomFunction sum_of_squares() {
  return custom_op(
      "sum_of_squares",
      [](std::span<const Shape> inputs) {
        if (inputs[0] != inputs[1]) fail("sum_of_squares: the shapes ", inputs[0], " and ", inputs[1], " differ");
        return inputs[0];
      },
      [](std::span<const Tensor> inputs, Tensor& output) {
        for (std::int64_t i = 0; i < output.numel(); ++i) {
          const float a = inputs[0].data()[i], b = inputs[1].data()[i];
          output.data()[i] = a * a + b * b;
        }
      });
}

struct Names : Listener {
  std::vector<Tensor> apply(const std::shared_ptr<const Op>& op, std::span<const Tensor> inputs) override {
    seen.emplace_back(op->name());
    return evaluate(*op, inputs);
  }
  std::vector<std::string> seen;
};

TEST(CustomFunction, AMovedOneSaysSo) {
  CustomFunction from = sum_of_squares();
  const CustomFunction to = std::move(from);
  test::expect_error([&] { from({tensor({1}), tensor({1})}); }, "a custom op is used that has been moved elsewhere");
}

TEST(CustomFunction, ComputesAndPassesTheDoor) {
  const CustomFunction op = sum_of_squares();
  Names names;
  {
    const ListenerScope scope(&names);
    EXPECT_TENSOR_EQ(op({tensor({1, 2}), tensor({3, 4})}), tensor({10, 20}));
  }
  EXPECT_EQ(names.seen, std::vector<std::string>{"sum_of_squares"});
}

TEST(CustomFunction, ItsOutputMayBeAssignedInsteadOfWritten) {
  const auto same = [](std::span<const Shape> inputs) { return inputs[0]; };
  const CustomFunction op =
      custom_op("double", same, [](std::span<const Tensor> in, Tensor& output) { output = in[0] + in[0]; });
  Tensor y = zeros({2});
  const Tensor x = tensor({1, 2});
  CustomOp("double", same, [](std::span<const Tensor> in, Tensor& output) {
    output = in[0] + in[0];
  }).eval({&x, 1}, {&y, 1});
  EXPECT_TENSOR_EQ(y, tensor({2, 4}));
  EXPECT_TENSOR_EQ(op({x}), tensor({2, 4}));
  const CustomFunction wrong =
      custom_op("wrong", same, [](std::span<const Tensor>, Tensor& output) { output = ones({3}); });
  test::expect_error([&] { wrong({x}); }, "wrong: expected an output [2], got [3]");
}

TEST(CustomFunction, ThrowsWhatItsShapeRuleThrows) {
  test::expect_error([] { sum_of_squares()({ones({2}), ones({3})}); }, "sum_of_squares: the shapes [2] and [3] differ");
  test::expect_error([] { custom_op("", nullptr, nullptr); }, "custom_op: a name");
}

TEST(CustomFunction, NeedsItsParts) {
  test::expect_error([] { CustomFunction("x", nullptr, nullptr); },
                     "custom_op: a name, a shape rule and an evaluation");
}

}  // namespace
}  // namespace minnow
