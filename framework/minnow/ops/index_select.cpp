#include <cstring>

#include <minnow/ops/dims.h>
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
  const auto [outer, size, inner] = detail::Along(x.shape(), dim);
  for (const std::int64_t i : index.span<std::int64_t>()) {
    if (i < 0 || i >= size) {
      fail("index_select: index ", i, " is out of range for dimension ", dim, " of the shape ", x.shape());
    }
  }
  const std::int64_t bytes = inner * size_of(x.dtype());
  std::byte* to = outputs[0].storage().get();
  for (std::int64_t o = 0; o < outer; ++o) {
    for (const std::int64_t i : index.span<std::int64_t>()) {
      std::memcpy(to, x.storage().get() + (o * size + i) * bytes, static_cast<std::size_t>(bytes));
      to += bytes;
    }
  }
}

Tensor index_select(const Tensor& x, int dim, const Tensor& index) { return apply<IndexSelectOp>({x, index}, dim); }

}  // namespace minnow
