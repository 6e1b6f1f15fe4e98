#pragma once

#include <algorithm>
#include <cstddef>

#include <minnow/core/threads.h>
#include <minnow/kernels/conv.h>
#include <minnow/ops/conv2d.h>

namespace minnow {

/// The sizes of conv2d(x, weight, options) as kernels take them. The shapes must fit.
constexpr kernels::ConvShape conv_shape(const Shape& x, const Shape& weight, const Conv2dOptions& options) {
  const Shape out = conv2d_shape(x, weight, options);
  const Conv2dPads pads = conv2d_pads(weight, options);
  return {
      .batch = x.rank() == 4 ? x[0] : 1,
      .in_channels = x[-3],
      .in_h = x[-2],
      .in_w = x[-1],
      .out_channels = out[-3],
      .out_h = out[-2],
      .out_w = out[-1],
      .kernel_h = weight[2],
      .kernel_w = weight[3],
      .stride_h = options.stride.h,
      .stride_w = options.stride.w,
      .pad_top = pads.top,
      .pad_left = pads.left,
      .dilation_h = options.dilation.h,
      .dilation_w = options.dilation.w,
      .groups = options.groups,
  };
}

/// Packs the weights into kernel.packed_bytes(shape), with all threads.
inline void pack_weights(const kernels::ConvKernel& kernel, const kernels::ConvShape& shape, const float* weight,
                         std::byte* packed) {
  parallel_for(kernel.pack_units(shape), 1,
               [&](std::int64_t first, std::int64_t last) { kernel.pack(shape, weight, packed, first, last); });
}

/// The bias as the kernel reads it: [out_channels], and zeros up to whole blocks.
inline Tensor padded_bias(const kernels::ConvKernel& kernel, const Tensor& bias) {
  const std::int64_t block = kernel.out.block;
  Tensor padded = zeros({(bias.numel() + block - 1) / block * block});
  std::copy_n(bias.data(), bias.numel(), padded.data());
  return padded;
}

}  // namespace minnow
