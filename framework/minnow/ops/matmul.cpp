#include <minnow/core/saturate.h>
#include <minnow/ops/check.h>
#include <minnow/ops/gemm.h>
#include <minnow/ops/matmul.h>

namespace minnow {
namespace {

/// The place of the matrix of `x` (of `elements`) that takes part in the matrix number `index` of a result whose
/// leading dimensions are `batch`: sizes of one repeat.
std::int64_t matrix_offset(const Shape& x, std::int64_t elements, const Shape& batch, std::int64_t index) {
  std::int64_t offset = 0, step = elements;
  for (int i = 1; i <= batch.rank() && i + 2 <= x.rank(); ++i) {
    const std::int64_t size = x[-2 - i];
    if (size > 1) offset += index % batch[-i] * step;
    step *= size;
    index /= batch[-i];
  }
  return offset;
}

}  // namespace

std::vector<TensorSpec> MatmulOp::infer(std::span<const TensorSpec> inputs) const {
  detail::expect_float32(name(), inputs);
  return {{matmul_shape(inputs[0].shape, inputs[1].shape)}};
}

std::int64_t MatmulOp::multiply_adds(std::span<const TensorSpec> inputs) const {
  return saturating_mul(matmul_shape(inputs[0].shape, inputs[1].shape).numel(), inputs[0].shape[-1]);
}

void MatmulOp::eval(std::span<const Tensor> inputs, std::span<Tensor> outputs) const {
  const Shape &a = inputs[0].shape(), &b = inputs[1].shape();
  const std::int64_t k = a[-1], n = b.rank() > 1 ? b[-1] : 1;
  if (outputs[0].numel() == 0) return;
  Shape batch = outputs[0].shape();
  if (b.rank() > 1) batch.erase(-1);
  if (a.rank() > 1) batch.erase(-1);
  // One matrix on the right for all: the matrices on the left are one tall one.
  const bool tall = a.rank() > 1 && b.rank() <= 2;
  const std::int64_t matrices = tall ? 1 : batch.numel(), m = outputs[0].numel() / (matrices * n);
  detail::multiply(matrices, [&](std::int64_t i) {
    return kernels::GemmArgs{
        .m = m,
        .n = n,
        .k = k,
        .a = {.data = inputs[0].data() + (tall ? 0 : matrix_offset(a, m * k, batch, i)), .row = k, .column = 1},
        .b = {.data = inputs[1].data() + (tall ? 0 : matrix_offset(b, k * n, batch, i)), .row = n, .column = 1},
        .c = outputs[0].data() + i * m * n,
        .c_row = n};
  });
}

Tensor matmul(const Tensor& a, const Tensor& b) { return apply<MatmulOp>({a, b}); }

Tensor Tensor::matmul(const Tensor& other) const { return minnow::matmul(*this, other); }

}  // namespace minnow
