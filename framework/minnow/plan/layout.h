#pragma once

#include <minnow/kernels/conv.h>
#include <minnow/ops/op.h>

namespace minnow {

/// What the elements of a buffer are and how they lie: plain row-major, or in blocks of channels. [N, C, H, W] lies as
/// [N, ceil(C / b), H, W, b]; [N, C] lies as one picture of N pixels, [1, ceil(C / b), 1, N, b].
using kernels::Format;

inline constexpr Format plain_format{};

/// The shape of the array in memory.
inline Shape physical_shape(const Shape& shape, Format format) {
  if (format.block == 1) return shape;
  const std::int64_t blocks = (shape[1] + format.block - 1) / format.block;
  if (shape.rank() == 2) return {1, blocks, 1, shape[0], format.block};
  return {shape[0], blocks, shape[2], shape[3], format.block};
}

inline std::int64_t bytes_of(const TensorSpec& spec, Format format) {
  const std::int64_t element = format.element == kernels::Element::bfloat16 ? 2 : size_of(spec.dtype);
  return physical_shape(spec.shape, format).numel() * element;
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
