#include <minnow/ops/argmax.h>
#include <minnow/ops/compare.h>
#include <minnow/ops/reduce.h>

#include "support.h"

namespace minnow {
namespace {

using test::expect_error;
using test::kInf;
using test::kNaN;
using test::tensor_of;

TEST(Compare, GivesOnesWhereTorchGivesTrue) {
  for (const auto file = test::golden("tensor_ops.json"); const auto& golden : file.at("binary")) {
    const Tensor a = tensor_of(golden["a"]), b = tensor_of(golden["b"]);
    SCOPED_TRACE(str(a.shape(), " and ", b.shape()));
    EXPECT_TENSOR_EQ(eq(a, b), tensor_of(golden["eq"]));
    EXPECT_TENSOR_EQ(ne(a, b), tensor_of(golden["ne"]));
    EXPECT_TENSOR_EQ(lt(a, b), tensor_of(golden["lt"]));
    EXPECT_TENSOR_EQ(le(a, b), tensor_of(golden["le"]));
    EXPECT_TENSOR_EQ(gt(a, b), tensor_of(golden["gt"]));
    EXPECT_TENSOR_EQ(ge(a, b), tensor_of(golden["ge"]));
  }
  const nlohmann::json golden = test::golden("tensor_ops.json")["scalar"];
  const Tensor x = tensor_of(golden["x"]);
  EXPECT_TENSOR_EQ(lt(x, 0.5), tensor_of(golden["lt"]));
  EXPECT_TENSOR_EQ(ge(x, 0.5), tensor_of(golden["ge"]));
  EXPECT_TENSOR_EQ(eq(x, 0.0), tensor_of(golden["eq"]));
  EXPECT_TENSOR_EQ(ne(x, 0.0), tensor_of(golden["ne"]));
  EXPECT_TENSOR_EQ(le(x, -0.5), tensor_of(golden["le"]));
  EXPECT_TENSOR_EQ(gt(x, -0.5), tensor_of(golden["gt"]));
}

TEST(Compare, CountsRightAnswers) {
  const Tensor logits = tensor({{1, 3, 2}, {4, 1, 0}, {0, 0, 9}, {1, 2, 0}});
  EXPECT_EQ(mean(eq(argmax(logits, 1), tensor<std::int64_t>({1, 0, 2, 2}))).item(), 0.75f);
}

TEST(Compare, SeesEveryBitOfLargeInts) {
  const std::int64_t big = (std::int64_t{1} << 53) + 1;
  EXPECT_TENSOR_EQ(lt(tensor<std::int64_t>({big - 1, big}), tensor<std::int64_t>({big})), tensor({1, 0}));
  EXPECT_TENSOR_EQ(eq(tensor<std::int64_t>({1, 2, 3}), 2), tensor({0, 1, 0}));
  expect_error([] { eq(tensor<std::int64_t>({1}), 0.5); }, "eq: an int64 tensor is compared with whole numbers");
  expect_error([] { eq(tensor<std::int64_t>({1}), tensor({1})); }, "eq: expected float32, got int64 [1]");
}

TEST(Equal, MeansShapeDtypeAndValues) {
  EXPECT_TRUE(equal(tensor({1, -0.0f}), tensor({1, 0.0f})));
  EXPECT_FALSE(equal(tensor({kNaN}), tensor({kNaN})));
  EXPECT_FALSE(equal(tensor({1, 2}), tensor({{1, 2}})));
  EXPECT_FALSE(equal(zeros({2}), zeros({2}, DType::int64)));
  EXPECT_TRUE(equal(tensor<std::int64_t>({1, 2}), tensor<std::int64_t>({1, 2})));
  EXPECT_TRUE(equal(zeros({0, 2}), zeros({0, 2})));
}

TEST(Allclose, FollowsTorchsFormula) {
  EXPECT_TRUE(allclose(tensor({1.000009f, 0}), tensor({1, 5e-9f})));
  EXPECT_FALSE(allclose(tensor({1.00002f}), tensor({1})));
  EXPECT_FALSE(allclose(tensor({0}), tensor({2e-8f})));
  EXPECT_TRUE(allclose(tensor({90}), tensor({100}), {.rtol = 0.1}));   // 10 <= 0.1 * 100
  EXPECT_FALSE(allclose(tensor({100}), tensor({90}), {.rtol = 0.1}));  // 10 > 0.1 * 90
  EXPECT_TRUE(allclose(tensor({kInf, -kInf}), tensor({kInf, -kInf})));
  EXPECT_FALSE(allclose(tensor({1}), tensor({kInf})));
  EXPECT_FALSE(allclose(tensor({kNaN}), tensor({kNaN})));
  EXPECT_TRUE(allclose(tensor({kNaN}), tensor({kNaN}), {.equal_nan = true}));
  EXPECT_TRUE(allclose(ones({3, 2}), ones({2})));
  expect_error([] { allclose(ones({3}), ones({2})); }, "allclose: the shapes [3] and [2] do not broadcast");
}

}  // namespace
}  // namespace minnow
