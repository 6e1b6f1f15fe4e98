#pragma once

#include <algorithm>

#include <minnow/core/export.h>
#include <minnow/ops/op.h>

namespace minnow {

struct MINNOW_API MatmulOp final : Op {
  std::string_view name() const override { return "matmul"; }
  std::vector<TensorSpec> infer(std::span<const TensorSpec> inputs) const override;
  std::int64_t multiply_adds(std::span<const TensorSpec> inputs) const override;
  void eval(std::span<const Tensor> inputs, std::span<Tensor> outputs) const override;
};

constexpr Shape matmul_shape(const Shape& a, const Shape& b) {
  if (a.rank() == 0 || b.rank() == 0) fail("matmul: expected at least one dimension each, got ", a, " and ", b);
  const std::int64_t b_rows = b.rank() == 1 ? b[0] : b[-2];
  if (a[-1] != b_rows) {
    fail("matmul: the last dimension of ", a, " (", a[-1], ") is not the rows of ", b, " (", b_rows, ")");
  }
  Shape out;
  const int batch = std::max({a.rank(), b.rank(), 2}) - 2;
  for (int i = batch + 2; i > 2; --i) {
    const std::int64_t da = i <= a.rank() ? a[-i] : 1, db = i <= b.rank() ? b[-i] : 1;
    if (da != db && da != 1 && db != 1) fail("matmul: the batches of ", a, " and ", b, " do not broadcast");
    out.push_back(da == 1 ? db : da);
  }
  if (a.rank() > 1) out.push_back(a[-2]);
  if (b.rank() > 1) out.push_back(b[-1]);
  return out;
}

/// The matrix product: [..., M, K] x [..., K, N] -> [..., M, N], where the leading dimensions broadcast. A vector on
/// the left is one row, on the right one column, and that dimension is left out of the result; two vectors give a
/// scalar. https://pytorch.org/docs/stable/generated/torch.matmul.html
MINNOW_API Tensor matmul(const Tensor& a, const Tensor& b);

}  // namespace minnow
