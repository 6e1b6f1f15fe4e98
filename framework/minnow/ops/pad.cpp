#include <algorithm>

#include <minnow/ops/pad.h>
#include <minnow/ops/strided.h>

namespace minnow {

std::string PadOp::attributes() const {
  std::string text = "pad=(";
  for (std::size_t i = 0; i < pad.size(); ++i) text += str(i ? ", " : "", pad[i]);
  return text + ")" + (value != 0 ? str(" value=", value) : "");
}

std::vector<TensorSpec> PadOp::infer(std::span<const TensorSpec> inputs) const {
  return {{pad_shape(inputs[0].shape, pad), inputs[0].dtype}};
}

void PadOp::eval(std::span<const Tensor> inputs, std::span<Tensor> outputs) const {
  const Tensor& x = inputs[0];
  Tensor& out = outputs[0];
  if (x.dtype() == DType::float32) {
    std::ranges::fill(out.span(), static_cast<float>(value));
  } else {
    std::ranges::fill(out.span<std::int64_t>(), static_cast<std::int64_t>(value));
  }
  // The part of x that stays, and where it begins in x and in the result.
  Shape kept = x.shape();
  const detail::Strides from = detail::row_major(x.shape()), to = detail::row_major(out.shape());
  std::int64_t from_offset = 0, to_offset = 0;
  for (std::size_t i = 0; i < pad.size() / 2; ++i) {
    const int dim = x.rank() - 1 - static_cast<int>(i);
    const std::int64_t before = pad[2 * i], after = pad[2 * i + 1];
    kept[dim] =
        std::max<std::int64_t>(kept[dim] + std::min<std::int64_t>(before, 0) + std::min<std::int64_t>(after, 0), 0);
    from_offset += std::max<std::int64_t>(-before, 0) * from[static_cast<std::size_t>(dim)];
    to_offset += std::max<std::int64_t>(before, 0) * to[static_cast<std::size_t>(dim)];
  }
  if (kept.numel() == 0) return;
  const std::int64_t size = size_of(x.dtype());
  detail::strided_copy(kept, x.dtype(), x.storage().get() + from_offset * size, from,
                       out.storage().get() + to_offset * size, to);
}

Tensor pad(const Tensor& x, std::initializer_list<std::int64_t> pad, double value) {
  return apply<PadOp>({x}, std::vector<std::int64_t>(pad), value);
}

}  // namespace minnow
