#include <minnow/ops/expand.h>
#include <minnow/ops/strided.h>

namespace minnow {

std::vector<TensorSpec> ExpandOp::infer(std::span<const TensorSpec> inputs) const {
  return {{expand_shape(inputs[0].shape, shape), inputs[0].dtype}};
}

void ExpandOp::eval(std::span<const Tensor> inputs, std::span<Tensor> outputs) const {
  const Tensor& x = inputs[0];
  const Shape& to = outputs[0].shape();
  detail::strided_copy(to, x.dtype(), x.storage().get(), detail::broadcast_strides(x.shape(), to),
                       outputs[0].storage().get(), detail::row_major(to));
}

Tensor expand(const Tensor& x, const Shape& shape) { return apply<ExpandOp>({x}, shape); }

Tensor Tensor::expand(const Shape& shape) const { return minnow::expand(*this, shape); }

}  // namespace minnow
