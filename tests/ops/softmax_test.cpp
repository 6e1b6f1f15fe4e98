#include <minnow/ops/softmax.h>

#include <minnow/core/threads.h>
#include "support.h"

namespace minnow {
namespace {

using test::expect_error, test::tensor_of;

TEST(Softmax, GivesTorchsNumbersAlongAnyDimension) {
  for (const auto& golden : test::golden("softmax.json")) {
    const Tensor x = tensor_of(golden["x"]);
    const int dim = golden["dim"].get<int>();
    SCOPED_TRACE(str(x.shape(), " along ", dim));
    EXPECT_TENSOR_NEAR(softmax(x, dim), tensor_of(golden["softmax"]), 1e-5);
    EXPECT_TENSOR_NEAR(log_softmax(x, dim), tensor_of(golden["log_softmax"]), 1e-5);
  }
}

TEST(Softmax, ARowOfMinusInfinityIsNaNAndItsNeighbourIsNot) {
  Tensor x = zeros({2, 4});
  for (int i = 0; i < 4; ++i) x.at({0, i}) = -std::numeric_limits<float>::infinity();
  const Tensor y = softmax(x, 1);
  for (int i = 0; i < 4; ++i) {
    EXPECT_TRUE(std::isnan(y.at({0, i})));
    EXPECT_EQ(y.at({1, i}), 0.25f);
  }
}

TEST(Softmax, LargeNumbersDoNotOverflow) {
  EXPECT_TENSOR_EQ(softmax(tensor({3e38f, 3e38f}), 0), tensor({0.5f, 0.5f}));
  EXPECT_TENSOR_EQ(softmax(tensor({-3e38f, -3e38f}), 0), tensor({0.5f, 0.5f}));
}

TEST(Softmax, GivesTheSameBitsForAnyNumberOfThreads) {
  const Tensor x = randn({37, 5, 11});
  const int before = num_threads();
  for (const int dim : {0, 1, 2}) {
    set_num_threads(1);
    const Tensor one = softmax(x, dim);
    set_num_threads(3);
    EXPECT_TENSOR_EQ(softmax(x, dim), one);
  }
  set_num_threads(before);
}

TEST(Softmax, RefusesADimensionThatIsNotThere) {
  expect_error([] { softmax(ones({2, 3}), 2); }, "softmax: dimension 2 is out of range for the input [2, 3]");
  expect_error([] { log_softmax(ones({2, 3}), -3); }, "log_softmax: dimension -3");
}

}  // namespace
}  // namespace minnow
