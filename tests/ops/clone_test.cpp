#include <minnow/ops/clone.h>

#include "support.h"

namespace minnow {
namespace {

TEST(Clone, HasElementsOfItsOwn) {
  Tensor x = tensor({1, 2, 3});
  const Tensor y = x.clone();
  x *= 2;
  EXPECT_TENSOR_EQ(y, tensor({1, 2, 3}));
  EXPECT_TENSOR_EQ(clone(zeros({0, 2})), zeros({0, 2}));
  EXPECT_TENSOR_EQ(clone(ones({2}, DType::int64)), ones({2}, DType::int64));
}

}  // namespace
}  // namespace minnow
