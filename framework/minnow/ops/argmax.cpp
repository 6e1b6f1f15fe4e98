#include <algorithm>
#include <cmath>

#include <minnow/core/threads.h>
#include <minnow/ops/argmax.h>
#include <minnow/ops/dims.h>

namespace minnow {
namespace {

// The place of the first extreme of `count` elements, `step` apart.
template <bool largest>
std::int64_t place(const float* x, std::int64_t count, std::int64_t step) {
  std::int64_t best = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    const float now = x[i * step], before = x[best * step];
    if (std::isnan(before)) break;
    if (std::isnan(now) || (largest ? now > before : now < before)) best = i;
  }
  return best;
}

}  // namespace

std::string ArgMaxOp::attributes() const { return dim ? str("dim=", *dim, keepdim ? " keepdim" : "") : ""; }

std::vector<TensorSpec> ArgMaxOp::infer(std::span<const TensorSpec> inputs) const {
  detail::expect_float32(name(), inputs);
  const Shape& input = inputs[0].shape;
  if (!dim || (input.rank() == 0 && (dim == 0 || dim == -1))) {
    if (input.numel() == 0) fail(name(), ": the shape ", input, " has no elements to choose from");
    return {{Shape{}, DType::int64}};
  }
  const int along = detail::dim_of(name(), input, *dim);
  if (input[along] == 0) fail(name(), ": dimension ", *dim, " of the shape ", input, " has no elements to choose from");
  Shape result = input;
  if (keepdim) {
    result[along] = 1;
  } else {
    result.erase(along);
  }
  return {{result, DType::int64}};
}

void ArgMaxOp::eval(std::span<const Tensor> inputs, std::span<Tensor> outputs) const {
  const Tensor& x = inputs[0];
  const float* in = x.data();
  std::int64_t* out = outputs[0].data<std::int64_t>();
  std::int64_t count = x.numel(), inner = 1;
  if (dim && x.rank() > 0) {
    const detail::Along along(x.shape(), *dim);
    count = along.size;
    inner = along.inner;
  }
  parallel_for(outputs[0].numel(), grain_of(count), [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t o = first; o < last; ++o) {
      const float* from = in + o / inner * count * inner + o % inner;
      out[o] = largest ? place<true>(from, count, inner) : place<false>(from, count, inner);
    }
  });
}

Tensor argmax(const Tensor& x, int dim, bool keepdim) { return apply<ArgMaxOp>({x}, true, dim, keepdim); }
Tensor argmin(const Tensor& x, int dim, bool keepdim) { return apply<ArgMaxOp>({x}, false, dim, keepdim); }
Tensor argmax(const Tensor& x) { return apply<ArgMaxOp>({x}, true, std::nullopt, false); }
Tensor argmin(const Tensor& x) { return apply<ArgMaxOp>({x}, false, std::nullopt, false); }

Tensor Tensor::argmax() const { return minnow::argmax(*this); }
Tensor Tensor::argmax(int dim, bool keepdim) const { return minnow::argmax(*this, dim, keepdim); }
Tensor Tensor::argmin() const { return minnow::argmin(*this); }
Tensor Tensor::argmin(int dim, bool keepdim) const { return minnow::argmin(*this, dim, keepdim); }

}  // namespace minnow
