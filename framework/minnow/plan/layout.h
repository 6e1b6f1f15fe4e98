#pragma once

#include <minnow/core/saturate.h>
#include <minnow/kernels/conv.h>
#include <minnow/ops/op.h>

namespace minnow {

/// What the elements of a buffer are and how they lie: plain row-major, or in blocks of channels. [N, C, H, W] lies as
/// [N, ceil(C / b), H, W, b]; [N, C] lies as one picture of N pixels, [1, ceil(C / b), 1, N, b].
using kernels::Format;

/// How tensors lie outside of plans.
constexpr Format plain_format(DType dtype) {
  return {dtype == DType::float32 ? kernels::Element::float32 : kernels::Element::int64, 1};
}

/// The shape of the array in memory.
inline Shape physical_shape(const Shape& shape, Format format) {
  if (format.block == 1) return shape;
  const std::int64_t blocks = (shape[1] + format.block - 1) / format.block;
  if (shape.rank() == 2) return {1, blocks, 1, shape[0], format.block};
  return {shape[0], blocks, shape[2], shape[3], format.block};
}

inline std::int64_t bytes_of(const Shape& shape, Format format) {
  return saturating_mul(physical_shape(shape, format).numel(), size_of(format.element));
}

/// Whether both formats put each element of such a tensor at the same place, but for the lanes at the end.
inline bool same_places(const Shape& shape, Format a, Format b) {
  if (a == b) return true;
  if (a.element != b.element || (a.block != 1 && b.block != 1)) return false;
  const int block = a.block == 1 ? b.block : a.block;
  if (shape.rank() == 2) return shape[0] == 1;
  return shape.rank() == 4 && shape[2] * shape[3] == 1 && (shape[0] == 1 || shape[1] % block == 0);
}

}  // namespace minnow
