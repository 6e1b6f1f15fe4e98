#include <minnow/ops/slice.h>

#include "support.h"

namespace minnow {
namespace {

using test::expect_error;

TEST(Slice, CutsAsPythonDoes) {
  for (const auto file = test::golden("tensor_ops.json"); const auto& golden : file.at("slice")) {
    const auto args = golden["args"].get<std::vector<std::int64_t>>();
    EXPECT_TENSOR_EQ(slice(test::tensor_of(golden["x"]), golden["dim"].get<int>(), args[0], args[1], args[2]),
                     test::tensor_of(golden["y"]))
        << golden["args"];
  }
}

TEST(Slice, Copies) {
  const Tensor x = arange(6);
  Tensor y = x.slice(0, 1, 3);
  y += 10;
  EXPECT_TENSOR_EQ(x, arange(6));
  EXPECT_TENSOR_EQ(y, tensor({11, 12}));
}

TEST(Slice, TakesBoundsAndStepsOfAnySize) {
  constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min(),
                         most = std::numeric_limits<std::int64_t>::max();
  EXPECT_TENSOR_EQ(arange(5).slice(0, least, most), arange(5));
  EXPECT_TENSOR_EQ(arange(5).slice(-1, 2, most, most), tensor({2}));
  EXPECT_EQ(arange(5).slice(0, most, least).shape(), Shape{0});
  expect_error([] { arange(5).slice(0, 0, 5, 0); }, "slice: step must be at least 1, got 0");
  expect_error([] { arange(5).slice(1, 0, 5); }, "slice: dimension 1 is out of range for the shape [5]");
}

TEST(Chunk, GivesEqualPartsAndARest) {
  const std::vector<Tensor> parts = chunk(arange(11), 4);
  ASSERT_EQ(parts.size(), 4u);
  EXPECT_TENSOR_EQ(parts[0], tensor({0, 1, 2}));
  EXPECT_TENSOR_EQ(parts[3], tensor({9, 10}));
  EXPECT_EQ(chunk(arange(6), 4).size(), 3u);  // torch: parts of two
  EXPECT_EQ(chunk(arange(2), 5).size(), 2u);
  EXPECT_EQ(chunk(ones({0, 3}), 2).size(), 2u);
  EXPECT_EQ(chunk(ones({2, 4}), 2, -1)[1].shape(), (Shape{2, 2}));
  expect_error([] { chunk(zeros({0}), std::int64_t{1} << 40); }, "chunks of nothing are too many");
  expect_error([] { chunk(arange(3), 0); }, "chunk: expected at least 1 chunk, got 0");
}

}  // namespace
}  // namespace minnow
