#pragma once

#include <cstdint>

#include <minnow/core/export.h>
#include <minnow/ops/dims.h>
#include <minnow/ops/op.h>

namespace minnow {

enum class ReduceKind : std::uint8_t { sum, mean, max, min, var, std, norm };

/// "sum", "mean", ...: the name of the free function.
MINNOW_API const char* name_of(ReduceKind kind);

/// `input` without the dimensions in `dims` (all, where the list is empty), or with size 1 in their place.
constexpr Shape reduce_shape(std::string_view name, const Shape& input, const Dims& dims, bool keepdim) {
  const auto reduced = detail::listed(name, input, dims);
  Shape result;
  for (int i = 0; i < input.rank(); ++i) {
    if (!reduced[static_cast<std::size_t>(i)]) {
      result.push_back(input[i]);
    } else if (keepdim) {
      result.push_back(1);
    }
  }
  return result;
}

/// One of ReduceKind over the dimensions `dims`; all, where the list is empty.
struct MINNOW_API ReduceOp final : Op {
  ReduceOp(ReduceKind which, const Dims& over, bool keep, double p = 0)
      : kind(which), dims(over), keepdim(keep), parameter(p) {}
  std::string_view name() const override { return name_of(kind); }
  std::string attributes() const override;
  std::vector<TensorSpec> infer(std::span<const TensorSpec> inputs) const override;
  void eval(std::span<const Tensor> inputs, std::span<Tensor> outputs) const override;

  const ReduceKind kind;
  const Dims dims;
  const bool keepdim;
  const double parameter;  // norm: the exponent; var and std: what is taken off the count, 1 or 0
};

/// Over the dimensions `dims`, negative from the end, of all when the list is empty; with keepdim they stay with
/// size 1. float32, summed in float64. The sum of nothing is 0, the mean of nothing NaN.
/// https://pytorch.org/docs/1.13/generated/torch.sum.html
MINNOW_API Tensor sum(const Tensor& x, const Dims& dims = {}, bool keepdim = false);
MINNOW_API Tensor mean(const Tensor& x, const Dims& dims = {}, bool keepdim = false);
/// The largest and smallest element, NaN where there is one: torch's amax and amin. Throws where a dimension to reduce
/// has size 0.
MINNOW_API Tensor max(const Tensor& x, const Dims& dims = {}, bool keepdim = false);
MINNOW_API Tensor min(const Tensor& x, const Dims& dims = {}, bool keepdim = false);
/// Variance and standard deviation, divided by count - 1 when unbiased, as torch does by default.
/// https://pytorch.org/docs/1.13/generated/torch.var.html
MINNOW_API Tensor var(const Tensor& x, const Dims& dims = {}, bool unbiased = true, bool keepdim = false);
MINNOW_API Tensor std(const Tensor& x, const Dims& dims = {}, bool unbiased = true, bool keepdim = false);
/// The p-norm (sum |x|^p)^(1/p); p may be 0 (how many are not 0), inf (the largest |x|) and -inf (the smallest).
/// https://pytorch.org/docs/1.13/generated/torch.linalg.vector_norm.html
MINNOW_API Tensor norm(const Tensor& x, double p = 2.0, const Dims& dims = {}, bool keepdim = false);

}  // namespace minnow
