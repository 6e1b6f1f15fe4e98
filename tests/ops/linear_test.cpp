#include <minnow/ops/linear.h>

#include <minnow/core/threads.h>
#include "support.h"

namespace minnow {
namespace {

using test::expect_error, test::tensor_of;

TEST(LinearOp, GivesTorchsNumbersForAnyLeadingDimensions) {
  for (const auto& golden : test::golden("linear.json")) {
    const Tensor x = tensor_of(golden["x"]), weight = tensor_of(golden["weight"]);
    SCOPED_TRACE(str(x.shape(), " with ", weight.shape()));
    const Tensor bias = golden.contains("bias") ? tensor_of(golden["bias"]) : Tensor();
    EXPECT_TENSOR_NEAR(linear(x, weight, bias), tensor_of(golden["y"]), 1e-5);
  }
}

TEST(LinearOp, GivesTheSameBitsForAnyNumberOfThreads) {
  const Tensor x = randn({5, 131}), weight = randn({77, 131}), bias = randn({77});
  const int before = num_threads();
  set_num_threads(1);
  const Tensor one = linear(x, weight, bias);
  for (const int threads : {2, 3}) {
    set_num_threads(threads);
    EXPECT_TENSOR_EQ(linear(x, weight, bias), one);
  }
  set_num_threads(before);
}

TEST(LinearOp, ShapeAndWorkAreKnownWithoutData) {
  static_assert(linear_shape({2, 3, 512}, {1000, 512}) == Shape{2, 3, 1000});
  EXPECT_EQ(LinearOp().multiply_adds(std::vector<TensorSpec>{{{2, 512}}, {{10, 512}}}), 2 * 512 * 10);
}

TEST(LinearOp, ErrorsNameBothShapes) {
  expect_error(
      [] {
        linear(ones({1, 3}), ones({5, 4}));
      },
      "linear: expected 4 input features (weight [5, 4]), got the input [1, 3]");
  expect_error([] { linear(ones({1, 4}), ones({5, 4}), ones({4})); }, "expected a bias [5] (weight [5, 4]), got [4]");
  expect_error([] { linear(ones({4}), ones({4})); }, "expected a weight [out, in], got [4]");
}

}  // namespace
}  // namespace minnow
