#include <algorithm>
#include <limits>

#include <minnow/ops/to.h>

namespace minnow {
namespace {

std::int64_t whole(float x) {
  constexpr float limit = 9223372036854775808.0f;  // 2^63
  return x >= -limit && x < limit ? static_cast<std::int64_t>(x) : std::numeric_limits<std::int64_t>::min();
}

}  // namespace

void ToOp::eval(std::span<const Tensor> inputs, std::span<Tensor> outputs) const {
  const Tensor& x = inputs[0];
  if (x.dtype() == DType::float32 && dtype == DType::int64) {
    std::ranges::transform(x.span(), outputs[0].data<std::int64_t>(), whole);
  } else if (x.dtype() == DType::int64 && dtype == DType::float32) {
    std::ranges::transform(x.span<std::int64_t>(), outputs[0].data(),
                           [](std::int64_t i) { return static_cast<float>(i); });
  } else {
    std::copy_n(x.storage().get(), x.nbytes(), outputs[0].storage().get());
  }
}

Tensor to(const Tensor& x, DType dtype) { return x.dtype() == dtype ? x : apply<ToOp>({x}, dtype); }

Tensor Tensor::to(DType dtype) const { return minnow::to(*this, dtype); }

}  // namespace minnow
