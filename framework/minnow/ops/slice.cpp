#include <algorithm>

#include <minnow/ops/slice.h>
#include <minnow/ops/strided.h>

namespace minnow {

std::string SliceOp::attributes() const {
  return str("dim=", dim, " start=", start, " end=", end) + (step != 1 ? str(" step=", step) : "");
}

std::vector<TensorSpec> SliceOp::infer(std::span<const TensorSpec> inputs) const {
  return {{slice_shape(inputs[0].shape, dim, start, end, step), inputs[0].dtype}};
}

void SliceOp::eval(std::span<const Tensor> inputs, std::span<Tensor> outputs) const {
  const Tensor& x = inputs[0];
  if (outputs[0].numel() == 0) return;
  const int along = x.shape().index(dim);
  detail::Strides strides = detail::row_major(x.shape());
  std::int64_t& stride = strides[static_cast<std::size_t>(along)];
  const std::int64_t first = slice_bound(start, x.dim(along)) * stride * size_of(x.dtype());
  if (outputs[0].dim(along) > 1) stride *= step;
  detail::strided_copy(outputs[0].shape(), x.dtype(), x.storage().get() + first, strides, outputs[0].storage().get(),
                       detail::row_major(outputs[0].shape()));
}

Tensor slice(const Tensor& x, int dim, std::int64_t start, std::int64_t end, std::int64_t step) {
  return apply<SliceOp>({x}, dim, start, end, step);
}

std::vector<Tensor> chunk(const Tensor& x, std::int64_t chunks, int dim) {
  if (chunks < 1) fail("chunk: expected at least 1 chunk, got ", chunks);
  const std::int64_t size = x.dim(detail::dim_of("chunk", x.shape(), dim));
  const std::int64_t each = size / chunks + (size % chunks != 0);
  if (each == 0) {
    if (chunks > 1'000'000) fail("chunk: ", chunks, " chunks of nothing are too many");
    return std::vector<Tensor>(static_cast<std::size_t>(chunks), slice(x, dim, 0, 0));
  }
  std::vector<Tensor> parts;
  for (std::int64_t at = 0; at < size; at += each) parts.push_back(slice(x, dim, at, std::min(at + each, size)));
  return parts;
}

Tensor Tensor::slice(int dim, std::int64_t start, std::int64_t end, std::int64_t step) const {
  return minnow::slice(*this, dim, start, end, step);
}

}  // namespace minnow
