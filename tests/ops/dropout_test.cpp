#include <minnow/ops/dropout.h>

#include <minnow/core/random.h>
#include "support.h"

namespace minnow {
namespace {

using test::expect_error;
using test::kNaN;

TEST(Dropout, ZeroesThatShareAndScalesTheRest) {
  manual_seed(1);
  const Tensor y = dropout(ones({100, 100}), 0.25);
  int zeros = 0;
  for (const float value : y.span()) {
    if (value == 0) {
      ++zeros;
    } else {
      ASSERT_FLOAT_EQ(value, 1 / 0.75f);
    }
  }
  EXPECT_NEAR(zeros, 2500, 200);
}

TEST(Dropout, IsTheInputItselfOutsideOfTraining) {
  const Tensor x = randn({3, 5});
  EXPECT_EQ(dropout(x, 0.5, false).data(), x.data());
  EXPECT_TENSOR_EQ(dropout(x, 0.0), x);
}

TEST(Dropout, DropsEverythingAtOne) { EXPECT_TENSOR_EQ(dropout(ones({7}), 1.0), zeros({7})); }

TEST(Dropout, KeepsNaN) { EXPECT_TENSOR_EQ(dropout(tensor({kNaN, kNaN}), 1.0), tensor({kNaN, kNaN})); }

TEST(Dropout, DrawsAnewEachTimeAndTheSameAfterTheSameSeed) {
  manual_seed(7);
  const Tensor first = dropout(ones({64})), second = dropout(ones({64}));
  EXPECT_FALSE(test::same(first, second));
  manual_seed(7);
  EXPECT_TENSOR_EQ(dropout(ones({64})), first);
}

TEST(Dropout, TheOpCarriesItsSeed) {
  const DropoutOp op(0.5, 3);
  const Tensor x = ones({64});
  EXPECT_TENSOR_EQ(evaluate(op, {&x, 1}).front(), evaluate(op, {&x, 1}).front());
}

TEST(Dropout, RefusesAProbabilityThatIsNone) {
  expect_error([] { dropout(ones({1}), 1.5); }, "dropout: p must lie between 0 and 1, got 1.5");
  expect_error([] { dropout(ones({1}), -0.1, false); }, "dropout: p must lie");
  expect_error([] { dropout(ones({1}), std::nan("")); }, "dropout: p must lie");
}

}  // namespace
}  // namespace minnow
