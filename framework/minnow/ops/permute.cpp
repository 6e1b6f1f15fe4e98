#include <array>
#include <numeric>
#include <utility>

#include <minnow/ops/permute.h>
#include <minnow/ops/strided.h>

namespace minnow {

std::vector<TensorSpec> PermuteOp::infer(std::span<const TensorSpec> inputs) const {
  return {{permute_shape(inputs[0].shape, dims), inputs[0].dtype}};
}

void PermuteOp::eval(std::span<const Tensor> inputs, std::span<Tensor> outputs) const {
  const Tensor& x = inputs[0];
  const Shape& shape = outputs[0].shape();
  const detail::Strides own = detail::row_major(x.shape());
  detail::Strides strides{};
  for (int i = 0; i < dims.size(); ++i) {
    strides[static_cast<std::size_t>(i)] = own[static_cast<std::size_t>(x.shape().index(dims[i]))];
  }
  detail::strided_copy(shape, x.dtype(), x.storage().get(), strides, outputs[0].storage().get(),
                       detail::row_major(shape));
}

Tensor permute(const Tensor& x, const Dims& dims) { return apply<PermuteOp>({x}, dims); }

Tensor transpose(const Tensor& x, int dim0, int dim1) {
  const int first = detail::dim_of("transpose", x.shape(), dim0), second = detail::dim_of("transpose", x.shape(), dim1);
  std::array<int, Shape::max_rank> order{};
  std::iota(order.begin(), order.end(), 0);
  std::swap(order[static_cast<std::size_t>(first)], order[static_cast<std::size_t>(second)]);
  return permute(x, Dims(std::span<const int>(order.data(), static_cast<std::size_t>(x.rank()))));
}

Tensor Tensor::permute(const Dims& dims) const { return minnow::permute(*this, dims); }
Tensor Tensor::transpose(int dim0, int dim1) const { return minnow::transpose(*this, dim0, dim1); }

}  // namespace minnow
