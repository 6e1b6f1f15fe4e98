#pragma once

#include <minnow/kernels/reorder.h>
#include <minnow/kernels/simd.h>

namespace minnow::kernels {
namespace {

/// NCHW to NCHW[c], units [first, last).
template <class A>
void block_channels(const ReorderArgs& args, Index first, Index last) {
  constexpr int C = kWidth<A>;
  const Index blocks = ceil_div(args.channels, C);
  for (Index unit = first; unit < last; ++unit) {
    const Index channel = unit % blocks * C, lanes = smaller(args.channels - channel, C);
    const float* x = args.x + (unit / blocks * args.channels + channel) * args.pixels;
    float* y = args.y + unit * args.pixels * C;
    for (Index p = 0; p < args.pixels; ++p) {
      if (lanes == C) {
        for (int lane = 0; lane < C; ++lane) y[p * C + lane] = x[lane * args.pixels + p];
      } else {
        for (int lane = 0; lane < C; ++lane) y[p * C + lane] = lane < lanes ? x[lane * args.pixels + p] : 0.0f;
      }
    }
  }
}

/// NCHW[c] to NCHW, units [first, last).
template <class A>
void unblock_channels(const ReorderArgs& args, Index first, Index last) {
  constexpr int C = kWidth<A>;
  const Index blocks = ceil_div(args.channels, C);
  for (Index unit = first; unit < last; ++unit) {
    const Index channel = unit % blocks * C, lanes = smaller(args.channels - channel, C);
    const float* x = args.x + unit * args.pixels * C;
    float* y = args.y + (unit / blocks * args.channels + channel) * args.pixels;
    for (Index p = 0; p < args.pixels; ++p) {
      if (lanes == C) {
        for (int lane = 0; lane < C; ++lane) y[lane * args.pixels + p] = x[p * C + lane];
      } else {
        for (Index lane = 0; lane < lanes; ++lane) y[lane * args.pixels + p] = x[p * C + lane];
      }
    }
  }
}

}  // namespace
}  // namespace minnow::kernels
