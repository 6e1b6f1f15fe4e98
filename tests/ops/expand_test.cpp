#include <minnow/ops/expand.h>

#include "support.h"

namespace minnow {
namespace {

using test::expect_error;

TEST(Expand, RepeatsAsTorchDoes) {
  for (const auto file = test::golden("tensor_ops.json"); const auto& golden : file.at("expand")) {
    const Shape shape = test::shape_of(golden["shape"]);
    EXPECT_TENSOR_EQ(expand(test::tensor_of(golden["x"]), shape), test::tensor_of(golden["y"])) << shape;
  }
}

TEST(Expand, RefusesWhatDoesNotStretch) {
  const Tensor x = ones({3, 1});
  expect_error([&] { x.expand({2, 4}); }, "expand: the shape [3, 1] does not stretch to [2, 4]");
  expect_error([&] { x.expand({-1, 3, 1}); }, "expand: the shape [3, 1] does not stretch to [-1, 3, 1]");
  expect_error([&] { x.expand({3}); }, "expand: the shape [3, 1] has more dimensions than [3]");
  expect_error([&] { x.expand({3, std::int64_t{1} << 62}); }, "more elements than 64 bits can count");
}

TEST(Expand, SaysWhereThereIsNotThatMuchMemory) {
  expect_error([] { ones({1}).expand({std::int64_t{1} << 58}); }, "no memory");
  expect_error([] { ones({1}).expand({std::int64_t{1} << 61}); }, "more memory than there can be");
}

}  // namespace
}  // namespace minnow
