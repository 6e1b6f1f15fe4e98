#include <minnow/ops/matmul.h>

#include <minnow/core/threads.h>
#include "support.h"

namespace minnow {
namespace {

using test::expect_error, test::tensor_of;

TEST(Matmul, GivesTorchsNumbersForEveryPairOfRanks) {
  for (const auto& golden : test::golden("matmul.json")) {
    const Tensor a = tensor_of(golden["a"]), b = tensor_of(golden["b"]);
    SCOPED_TRACE(str(a.shape(), " x ", b.shape()));
    EXPECT_TENSOR_NEAR(matmul(a, b), tensor_of(golden["y"]), 1e-5);
  }
}

TEST(Matmul, ShapesAreKnownAtCompileTime) {
  static_assert(matmul_shape({5}, {5}) == Shape{});
  static_assert(matmul_shape({5}, {5, 3}) == Shape{3});
  static_assert(matmul_shape({4, 5}, {5}) == Shape{4});
  static_assert(matmul_shape({2, 1, 4, 5}, {7, 5, 3}) == Shape{2, 7, 4, 3});
  EXPECT_EQ(MatmulOp().multiply_adds(std::vector<TensorSpec>{{{2, 4, 5}}, {{5, 3}}}), 2 * 4 * 5 * 3);
}

TEST(Matmul, AnEmptySumIsZero) { EXPECT_TENSOR_EQ(matmul(ones({2, 0}), ones({0, 3})), zeros({2, 3})); }

TEST(Matmul, NaNReachesItsRowAlone) {
  Tensor a = ones({2, 3});
  a.at({0, 1}) = std::numeric_limits<float>::quiet_NaN();
  const Tensor y = matmul(a, zeros({3, 2}));
  EXPECT_TRUE(std::isnan(y.at({0, 0})) && std::isnan(y.at({0, 1})));
  EXPECT_EQ(y.at({1, 0}), 0.0f);
}

TEST(Matmul, GivesTheSameBitsForAnyNumberOfThreads) {
  const Tensor a = randn({3, 67, 45}), b = randn({45, 53}), c = randn({3, 45, 53});
  const int before = num_threads();
  set_num_threads(1);
  const Tensor tall = matmul(a, b), batched = matmul(a, c);
  for (const int threads : {2, 3, 5}) {
    set_num_threads(threads);
    EXPECT_TENSOR_EQ(matmul(a, b), tall);
    EXPECT_TENSOR_EQ(matmul(a, c), batched);
  }
  set_num_threads(before);
}

TEST(Matmul, ErrorsNameBothShapes) {
  expect_error([] { matmul(ones({2, 3}), ones({4, 5})); }, "matmul: the last dimension of [2, 3] (3)");
  expect_error([] { matmul(ones({2, 3}), ones({4, 5})); }, "[4, 5] (4)");
  expect_error([] { matmul(ones({2, 3}), tensor(1.0f)); }, "got [2, 3] and []");
  expect_error([] { matmul(ones({2, 1, 3}), ones({4, 3, 1})); }, "the batches of [2, 1, 3] and [4, 3, 1]");
  expect_error([] { matmul(ones({2}, DType::int64), ones({2})); }, "matmul: expected float32");
}

}  // namespace
}  // namespace minnow
