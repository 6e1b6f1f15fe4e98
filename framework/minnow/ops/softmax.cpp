#include <algorithm>

#include <minnow/core/threads.h>
#include <minnow/ops/dims.h>
#include <minnow/ops/kernels.h>
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
  const detail::Along along(shape, dim);
  const std::int64_t n = along.size, inner = along.inner;
  parallel_for(along.outer, grain_of(n * inner, 2048), [&](std::int64_t first, std::int64_t last) {
    const std::int64_t offset = first * n * inner;
    kernels::table().softmax({.x = inputs[0].data() + offset,
                              .out = outputs[0].data() + offset,
                              .outer = last - first,
                              .n = n,
                              .inner = inner,
                              .log = log});
  });
}

Tensor softmax(const Tensor& x, int dim) { return apply<SoftmaxOp>({x}, dim, false); }

Tensor log_softmax(const Tensor& x, int dim) { return apply<SoftmaxOp>({x}, dim, true); }

Tensor Tensor::log_softmax(int dim) const { return minnow::log_softmax(*this, dim); }
Tensor Tensor::softmax(int dim) const { return minnow::softmax(*this, dim); }

}  // namespace minnow
