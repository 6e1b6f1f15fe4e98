#include <algorithm>
#include <cstring>

#include <minnow/core/saturate.h>
#include <minnow/ops/cat.h>
#include <minnow/ops/dims.h>
#include <minnow/ops/view.h>

namespace minnow {
namespace {

bool is_nothing(const Shape& shape) { return shape == Shape{0}; }

}  // namespace

std::vector<TensorSpec> CatOp::infer(std::span<const TensorSpec> inputs) const {
  if (inputs.empty()) fail("cat: there are no tensors");
  const auto found = std::ranges::find_if(inputs, [](const TensorSpec& input) { return !is_nothing(input.shape); });
  const TensorSpec& first = found != inputs.end() ? *found : inputs.front();
  const int along = detail::dim_of("cat", first.shape, dim);
  Shape result = first.shape;
  result[along] = 0;
  for (const TensorSpec& input : inputs) {
    if (input.dtype != first.dtype) fail("cat: ", input.dtype, " beside ", first.dtype);
    if (is_nothing(input.shape)) continue;
    bool fits = input.shape.rank() == result.rank();
    for (int i = 0; fits && i < result.rank(); ++i) fits = i == along || input.shape[i] == result[i];
    if (!fits) fail("cat: the shapes ", first.shape, " and ", input.shape, " differ beside dimension ", dim);
    result[along] = saturating_add(result[along], input.shape[along]);
  }
  return {{result, first.dtype}};
}

void CatOp::eval(std::span<const Tensor> inputs, std::span<Tensor> outputs) const {
  Tensor& out = outputs[0];
  const detail::Along along(out.shape(), dim);
  const std::int64_t step = along.inner * size_of(out.dtype());  // bytes
  std::byte* to = out.storage().get();
  for (const Tensor& input : inputs) {
    if (input.numel() == 0) continue;
    const std::int64_t bytes = input.dim(dim) * step;
    const std::byte* from = input.storage().get();
    for (std::int64_t o = 0; o < along.outer; ++o) {
      std::memcpy(to + o * along.size * step, from + o * bytes, static_cast<std::size_t>(bytes));
    }
    to += bytes;
  }
}

Tensor cat(std::span<const Tensor> tensors, int dim) {
  return minnow::apply(std::make_shared<const CatOp>(dim), tensors).front();
}
Tensor cat(std::initializer_list<Tensor> tensors, int dim) {
  return cat(std::span<const Tensor>(tensors.begin(), tensors.size()), dim);
}

Tensor stack(std::span<const Tensor> tensors, int dim) {
  if (tensors.empty()) fail("stack: there are no tensors");
  const Shape& shape = tensors.front().shape();
  const int at = detail::position_of("stack", shape, dim);
  std::vector<Tensor> parts;
  for (const Tensor& part : tensors) {
    if (part.shape() != shape) fail("stack: the shapes ", shape, " and ", part.shape(), " differ");
    parts.push_back(unsqueeze(part, at));
  }
  return cat(parts, at);
}
Tensor stack(std::initializer_list<Tensor> tensors, int dim) {
  return stack(std::span<const Tensor>(tensors.begin(), tensors.size()), dim);
}

}  // namespace minnow
