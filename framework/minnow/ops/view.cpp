#include <cstring>

#include <minnow/ops/view.h>

namespace minnow {

std::string ViewOp::attributes() const { return str("shape=", shape); }

std::vector<TensorSpec> ViewOp::infer(std::span<const TensorSpec> inputs) const {
  return {{view_shape(inputs[0].shape, shape), inputs[0].dtype}};
}

void ViewOp::eval(std::span<const Tensor> inputs, std::span<Tensor> outputs) const {
  const Tensor& x = inputs[0];
  std::memcpy(outputs[0].storage().get(), x.storage().get(), static_cast<std::size_t>(x.nbytes()));
}

Tensor view(const Tensor& x, const Shape& shape) { return apply<ViewOp>({x}, shape); }
Tensor reshape(const Tensor& x, const Shape& shape) {
  return apply<ViewOp>({x}, view_shape(x.shape(), shape, "reshape"));
}
Tensor flatten(const Tensor& x, int start_dim, int end_dim) {
  return apply<ViewOp>({x}, flatten_shape(x.shape(), start_dim, end_dim));
}
Tensor squeeze(const Tensor& x) { return apply<ViewOp>({x}, squeeze_shape(x.shape())); }
Tensor squeeze(const Tensor& x, int dim) { return apply<ViewOp>({x}, squeeze_shape(x.shape(), dim)); }
Tensor unsqueeze(const Tensor& x, int dim) { return apply<ViewOp>({x}, unsqueeze_shape(x.shape(), dim)); }

Tensor Tensor::view(const Shape& shape) const { return minnow::view(*this, shape); }
Tensor Tensor::reshape(const Shape& shape) const { return minnow::reshape(*this, shape); }
Tensor Tensor::flatten(int start_dim, int end_dim) const { return minnow::flatten(*this, start_dim, end_dim); }
Tensor Tensor::squeeze() const { return minnow::squeeze(*this); }
Tensor Tensor::squeeze(int dim) const { return minnow::squeeze(*this, dim); }
Tensor Tensor::unsqueeze(int dim) const { return minnow::unsqueeze(*this, dim); }

}  // namespace minnow
