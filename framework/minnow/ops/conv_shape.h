#pragma once

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

}  // namespace minnow
