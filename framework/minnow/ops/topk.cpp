#include <algorithm>
#include <cmath>
#include <numeric>

#include <minnow/ops/dims.h>
#include <minnow/ops/topk.h>

namespace minnow {

std::string TopKOp::attributes() const { return str("k=", k, " dim=", dim, largest ? "" : " smallest"); }

std::vector<TensorSpec> TopKOp::infer(std::span<const TensorSpec> inputs) const {
  detail::expect_float32("topk", inputs);
  Shape result = inputs[0].shape;
  const int along = detail::dim_of("topk", result, dim);
  if (k < 0 || k > result[along]) {
    fail("topk: k = ", k, " is out of range for dimension ", dim, " of the shape ", inputs[0].shape);
  }
  result[along] = k;
  return {{result, DType::float32}, {result, DType::int64}};
}

void TopKOp::eval(std::span<const Tensor> inputs, std::span<Tensor> outputs) const {
  const Tensor& x = inputs[0];
  if (outputs[0].numel() == 0) return;
  const detail::Along along(x.shape(), dim);
  const std::int64_t size = along.size, inner = along.inner;
  std::vector<std::int64_t> order(static_cast<std::size_t>(size));
  for (std::int64_t line = 0; line < x.numel() / size; ++line) {
    const float* from = x.data() + line / inner * size * inner + line % inner;
    const std::int64_t to = line / inner * k * inner + line % inner;
    std::iota(order.begin(), order.end(), 0);
    std::partial_sort(order.begin(), order.begin() + k, order.end(), [&](std::int64_t i, std::int64_t j) {
      const float a = from[i * inner], b = from[j * inner];
      const bool above = a > b || (std::isnan(a) && !std::isnan(b)), below = b > a || (std::isnan(b) && !std::isnan(a));
      return above != below ? above == largest : i < j;
    });
    for (std::int64_t i = 0; i < k; ++i) {
      outputs[0].data()[to + i * inner] = from[order[static_cast<std::size_t>(i)] * inner];
      outputs[1].data<std::int64_t>()[to + i * inner] = order[static_cast<std::size_t>(i)];
    }
  }
}

ValuesAndIndices topk(const Tensor& x, std::int64_t k, int dim, bool largest) {
  std::vector<Tensor> outputs = minnow::apply(std::make_shared<const TopKOp>(k, dim, largest), std::span(&x, 1));
  return {std::move(outputs[0]), std::move(outputs[1])};
}

}  // namespace minnow
