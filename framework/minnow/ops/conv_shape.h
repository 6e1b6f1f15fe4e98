#pragma once

#include <algorithm>
#include <cstddef>

#include <minnow/core/saturate.h>
#include <minnow/core/threads.h>
#include <minnow/kernels/conv.h>
#include <minnow/ops/conv2d.h>

namespace minnow {

/// Throws where the windows reach over more pixels, padding among them, than kernels can count the bytes of.
constexpr void check_reach(const kernels::ConvShape& s) {
  const auto reach = [](std::int64_t count, std::int64_t stride, std::int64_t kernel, std::int64_t dilation) {
    return saturating_add(saturating_mul(std::max<std::int64_t>(count - 1, 1), stride),
                          saturating_mul(kernel - 1, dilation));
  };
  const std::int64_t height = reach(s.out_h, s.stride_h, s.kernel_h, s.dilation_h),
                     width = reach(s.out_w, s.stride_w, s.kernel_w, s.dilation_w);
  constexpr std::int64_t most = std::int64_t{1} << 52;
  if (saturating_mul(saturating_mul(saturating_add(height, 1), saturating_add(width, 1)), s.in_channels) > most) {
    fail("conv2d: windows that reach over ", height, " x ", width, " pixels of ", s.in_channels,
         " channels are more than any memory holds");
  }
}

/// The sizes of conv2d(x, weight, options) as kernels take them. Throws where the shapes do not fit.
constexpr kernels::ConvShape conv_shape(const Shape& x, const Shape& weight, const Conv2dOptions& options) {
  const Shape out = conv2d_shape(x, weight, options);
  const Conv2dPads pads = conv2d_pads(weight, options);
  // A stride that leaves the input is as good as one that just does.
  const auto step = [](std::int64_t stride, std::int64_t in, std::int64_t before, std::int64_t after) {
    return std::min(stride, saturating_add(in, saturating_add(before, after)));
  };
  const kernels::ConvShape shape{
      .batch = x.rank() == 4 ? x[0] : 1,
      .in_channels = x[-3],
      .in_h = x[-2],
      .in_w = x[-1],
      .out_channels = out[-3],
      .out_h = out[-2],
      .out_w = out[-1],
      .kernel_h = weight[2],
      .kernel_w = weight[3],
      .stride_h = step(options.stride.h, x[-2], pads.top, pads.bottom),
      .stride_w = step(options.stride.w, x[-1], pads.left, pads.right),
      .pad_top = pads.top,
      .pad_left = pads.left,
      .dilation_h = options.dilation.h,
      .dilation_w = options.dilation.w,
      .groups = options.groups,
  };
  check_reach(shape);
  return shape;
}

/// Packs the weights into kernel.packed_bytes(shape), with all threads.
inline void pack_weights(const kernels::ConvKernel& kernel, const kernels::ConvShape& shape,
                         const kernels::ConvWeights& weight, std::byte* packed) {
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
