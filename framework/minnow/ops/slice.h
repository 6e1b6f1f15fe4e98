#pragma once

#include <vector>

#include <minnow/core/export.h>
#include <minnow/ops/check.h>
#include <minnow/ops/op.h>

namespace minnow {

/// Where x[start:end] begins and ends in a dimension of `size`, as Python cuts: negative from the end, cut to fit.
constexpr std::int64_t slice_bound(std::int64_t at, std::int64_t size) {
  if (at < 0) return at < -size ? 0 : at + size;
  return at < size ? at : size;
}

constexpr Shape slice_shape(const Shape& input, int dim, std::int64_t start, std::int64_t end, std::int64_t step = 1) {
  if (step < 1) fail("slice: step must be at least 1, got ", step);
  Shape result = input;
  const int at = detail::dim_of("slice", input, dim);
  const std::int64_t first = slice_bound(start, input[at]), last = slice_bound(end, input[at]);
  result[at] = last > first ? (last - first - 1) / step + 1 : 0;
  return result;
}

/// Every step-th element from start to before end along one dimension.
struct MINNOW_API SliceOp final : Op {
  SliceOp(int along, std::int64_t from, std::int64_t to, std::int64_t by)
      : dim(along), start(from), end(to), step(by) {}
  std::string_view name() const override { return "slice"; }
  std::string attributes() const override;
  std::vector<TensorSpec> infer(std::span<const TensorSpec> inputs) const override;
  void eval(std::span<const Tensor> inputs, std::span<Tensor> outputs) const override;

  const int dim;
  const std::int64_t start, end, step;
};

/// x[start:end:step] along `dim`, with Python's rules: negative from the end, cut to fit, possibly empty. Copies,
/// unlike torch's slices. Throws for a step below 1.
MINNOW_API Tensor slice(const Tensor& x, int dim, std::int64_t start, std::int64_t end, std::int64_t step = 1);

/// x cut along `dim` into at most `chunks` parts of equal size, the last maybe smaller. Copies.
/// https://pytorch.org/docs/1.13/generated/torch.chunk.html
MINNOW_API std::vector<Tensor> chunk(const Tensor& x, std::int64_t chunks, int dim = 0);

}  // namespace minnow
