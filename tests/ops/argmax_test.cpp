#include <minnow/ops/argmax.h>

#include "support.h"

namespace minnow {
namespace {

using test::expect_error;
using test::tensor_of;

TEST(ArgMax, FindsTheFirstOfEqualsAndNanAsTorchDoes) {
  const nlohmann::json goldens = test::golden("tensor_ops.json");
  for (const auto& golden : goldens["argmax"]) {
    const Tensor x = tensor_of(golden["x"]);
    const int dim = golden["dim"];
    EXPECT_TENSOR_EQ(argmax(x, dim), tensor_of(golden["argmax"])) << dim;
    EXPECT_TENSOR_EQ(argmin(x, dim), tensor_of(golden["argmin"])) << dim;
    EXPECT_TENSOR_EQ(argmax(x, dim, true), tensor_of(golden["argmax keepdim"])) << dim;
  }
  const nlohmann::json& all = goldens["argmax all"];
  EXPECT_TENSOR_EQ(argmax(tensor_of(all["x"])), tensor_of(all["argmax"]));
  EXPECT_TENSOR_EQ(argmin(tensor_of(all["x"])), tensor_of(all["argmin"]));
  EXPECT_TENSOR_EQ(argmax(zeros({3, 5})), zeros({}, DType::int64));
}

TEST(ArgMax, RefusesToChooseFromNothing) {
  EXPECT_EQ(argmax(ones({0, 3}), 1).shape(), Shape{0});
  expect_error([] { argmax(ones({0, 3}), 0); }, "argmax: dimension 0 of the shape [0, 3] has no elements");
  expect_error([] { argmin(ones({0})); }, "argmin: the shape [0] has no elements to choose from");
  expect_error([] { argmax(ones({2}, DType::int64), 0); }, "argmax: expected float32, got int64 [2]");
  expect_error([] { argmin(ones({2}), 1); }, "argmin: dimension 1 is out of range");
}

}  // namespace
}  // namespace minnow
