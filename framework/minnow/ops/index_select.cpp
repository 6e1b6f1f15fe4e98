#include <cstring>

#include <minnow/ops/check.h>
#include <minnow/ops/index_select.h>

namespace minnow {

std::vector<TensorSpec> IndexSelectOp::infer(std::span<const TensorSpec> inputs) const {
  const TensorSpec &x = inputs[0], &index = inputs[1];
  if (index.dtype != DType::int64 || index.shape.rank() != 1) {
    fail("index_select: expected an int64 vector as index, got ", index.dtype, ' ', index.shape);
  }
  Shape result = x.shape;
  result[detail::dim_of("index_select", x.shape, dim)] = index.shape[0];
  return {{result, x.dtype}};
}

void IndexSelectOp::eval(std::span<const Tensor> inputs, std::span<Tensor> outputs) const {
  const Tensor &x = inputs[0], &index = inputs[1];
  const int along = x.shape().index(dim);
  const std::int64_t size = x.dim(along);
  for (const std::int64_t i : index.span<std::int64_t>()) {
    if (i < 0 || i >= size) {
      fail("index_select: index ", i, " is out of range for dimension ", dim, " of the shape ", x.shape());
    }
  }
  std::int64_t outer = 1, inner = size_of(x.dtype());  // inner: bytes of one step along the dimension
  for (int i = 0; i < along; ++i) outer *= x.dim(i);
  for (int i = along + 1; i < x.rank(); ++i) inner *= x.dim(i);
  std::byte* to = outputs[0].storage().get();
  for (std::int64_t o = 0; o < outer; ++o) {
    for (const std::int64_t i : index.span<std::int64_t>()) {
      std::memcpy(to, x.storage().get() + (o * size + i) * inner, static_cast<std::size_t>(inner));
      to += inner;
    }
  }
}

Tensor index_select(const Tensor& x, int dim, const Tensor& index) { return apply<IndexSelectOp>({x, index}, dim); }

}  // namespace minnow
