#include <minnow/ops/pad.h>

#include "support.h"

namespace minnow {
namespace {

using test::expect_error;

TEST(Pad, PutsTheConstantWhereTorchDoes) {
  for (const auto file = test::golden("tensor_ops.json"); const auto& golden : file.at("pad")) {
    const Tensor x = test::tensor_of(golden["x"]);
    const auto sizes = golden["pad"].get<std::vector<std::int64_t>>();
    EXPECT_TENSOR_EQ(apply<PadOp>({x}, sizes, test::float_of(golden["value"])), test::tensor_of(golden["y"]))
        << golden["pad"];
  }
}

TEST(Pad, TakesInt64AndBatchesOfNothing) {
  EXPECT_TENSOR_EQ(pad(ones({1}, DType::int64), {1, 0}, 7),
                   tensor(std::span<const std::int64_t>(std::vector<std::int64_t>{7, 1}), {2}));
  EXPECT_EQ(pad(ones({0, 2, 2}), {1, 1, 1, 1}).shape(), (Shape{0, 4, 4}));
}

TEST(Pad, RefusesWhatDoesNotFit) {
  expect_error([] { pad(zeros({4, 1}), {5, -2}); }, "pad: (5, -2) does not fit dimension -1");
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  expect_error([] { pad(ones({2, 3}), {1}); }, "pad: 1 numbers are no pairs for the dimensions of the shape [2, 3]");
  expect_error([] { pad(ones({3}), {1, 1, 1, 1}); }, "pad: 4 numbers are no pairs");
  expect_error([] { pad(ones({2, 3}), {-2, -2}); }, "pad: (-2, -2) does not fit dimension -1 of the shape [2, 3]");
  expect_error([] { pad(ones({3}), {most, most}); }, "does not fit dimension -1");
}

}  // namespace
}  // namespace minnow
