#include <algorithm>
#include <cmath>
#include <limits>

#include <minnow/core/threads.h>
#include <minnow/ops/check.h>
#include <minnow/ops/softmax.h>

namespace minnow {

std::vector<TensorSpec> SoftmaxOp::infer(std::span<const TensorSpec> inputs) const {
  detail::expect_float32(name(), inputs);
  const Shape& x = inputs[0].shape;
  const int rank = std::max(x.rank(), 1);  // a scalar is a row of one
  if (dim < -rank || dim >= rank) fail(name(), ": dimension ", dim, " is out of range for the input ", x);
  return {{x}};
}

void SoftmaxOp::eval(std::span<const Tensor> inputs, std::span<Tensor> outputs) const {
  const Shape shape = inputs[0].rank() ? inputs[0].shape() : Shape{1};
  if (shape.numel() == 0) return;
  const std::int64_t size = shape[dim];
  std::int64_t inner = 1;
  for (int i = shape.index(dim) + 1; i < shape.rank(); ++i) inner *= shape[i];
  const auto row = [&](const float* x, float* y) {
    float highest = -std::numeric_limits<float>::infinity();
    for (std::int64_t i = 0; i < size; ++i) highest = std::max(highest, x[i * inner]);
    float sum = 0;
    for (std::int64_t i = 0; i < size; ++i) {
      const float difference = x[i * inner] - highest, power = std::exp(difference);
      sum += power;
      y[i * inner] = log ? difference : power;
    }
    const float log_sum = std::log(sum);
    for (std::int64_t i = 0; i < size; ++i) {
      y[i * inner] = log ? y[i * inner] - log_sum : y[i * inner] / sum;
    }
  };
  parallel_for(shape.numel() / size, 16, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t r = first; r < last; ++r) {
      const std::int64_t offset = r / inner * size * inner + r % inner;
      row(inputs[0].data() + offset, outputs[0].data() + offset);
    }
  });
}

Tensor softmax(const Tensor& x, int dim) { return apply<SoftmaxOp>({x}, dim, false); }

Tensor log_softmax(const Tensor& x, int dim) { return apply<SoftmaxOp>({x}, dim, true); }

Tensor Tensor::softmax(int dim) const { return minnow::softmax(*this, dim); }

}  // namespace minnow
