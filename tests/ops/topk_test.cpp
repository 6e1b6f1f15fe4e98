#include <minnow/ops/topk.h>

#include <algorithm>
#include <cmath>

#include "support.h"

namespace minnow {
namespace {

using test::expect_error;
using test::tensor_of;

TEST(TopK, GivesTorchsValuesAndIndices) {
  for (const auto file = test::golden("tensor_ops.json"); const auto& golden : file.at("topk")) {
    const auto [values, indices] = topk(tensor_of(golden["x"]), golden["k"], golden["dim"], golden["largest"]);
    EXPECT_TENSOR_EQ(values, tensor_of(golden["values"])) << golden["k"] << golden["dim"];
    // torch leaves the order of equals open: only an element that x holds once has one index.
    const Tensor x = tensor_of(golden["x"]), expected = tensor_of(golden["indices"]);
    ASSERT_EQ(indices.shape(), expected.shape());
    for (std::int64_t i = 0; i < indices.numel(); ++i) {
      const float value = values.data()[i];
      const auto same = [&](float other) { return other == value || (std::isnan(other) && std::isnan(value)); };
      if (std::ranges::count_if(x.span(), same) > 1) continue;
      EXPECT_EQ(indices.data<std::int64_t>()[i], expected.data<std::int64_t>()[i]) << golden["k"] << golden["dim"];
    }
  }
}

TEST(TopK, TakesTheFirstOfEquals) {
  EXPECT_TENSOR_EQ(topk(tensor({1, 2, 2, 0, 2}), 4).indices,
                   tensor(std::span<const std::int64_t>(std::vector<std::int64_t>{1, 2, 4, 0}), {4}));
}

TEST(TopK, TakesNothingAndAll) {
  EXPECT_EQ(topk(ones({2, 3}), 0).values.shape(), (Shape{2, 0}));
  EXPECT_EQ(topk(ones({0, 3}), 2).indices.shape(), (Shape{0, 2}));
  EXPECT_TENSOR_EQ(topk(tensor({1, 3, 2}), 3).values, tensor({3, 2, 1}));
  expect_error([] { topk(ones({2, 3}), 4); }, "topk: k = 4 is out of range for dimension -1 of the shape [2, 3]");
  expect_error([] { topk(ones({3}), -1); }, "topk: k = -1");
  expect_error([] { topk(ones({3}, DType::int64), 1); }, "topk: expected float32");
}

}  // namespace
}  // namespace minnow
