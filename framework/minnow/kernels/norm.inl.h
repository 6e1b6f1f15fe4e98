#pragma once

#include <minnow/kernels/elementwise.inl.h>
#include <minnow/kernels/norm.h>
#include <minnow/kernels/reduce.inl.h>

namespace minnow::kernels {
namespace {

template <class A>
void scale_shift(const ScaleShiftArgs& args) {
  const Index plane = args.channels * args.inner;
  for (Index o = 0; o < args.outer; ++o) {
    const float* x = args.x + o * plane;
    float* out = args.out + o * plane;
    if (args.inner == 1) {
      for_vectors<A>(args.channels, [&](Index c, Index count) {
        const Vec<A> scale = load_some<A>(args.scale + c, count), shift = load_some<A>(args.shift + c, count);
        store_some<A>(out + c, fma<A>(load_some<A>(x + c, count), scale, shift), count);
      });
    } else {
      for (Index c = 0; c < args.channels; ++c) {
        const Vec<A> scale(args.scale[c]), shift(args.shift[c]);
        map<A>(x + c * args.inner, out + c * args.inner, args.inner, [&](Vec<A> v) { return fma<A>(v, scale, shift); });
      }
    }
  }
}

template <class A>
void channel_stats(const ChannelStatsArgs& args) {
  const double count = static_cast<double>(args.outer * args.inner);
  for (Index c = args.first; c < args.last; ++c) {
    const auto row = [&](Index o) { return args.x + (o * args.channels + c) * args.inner; };
    double total = 0;
    for (Index o = 0; o < args.outer; ++o) total += sum_of<A>(row(o), args.inner);
    const double mean = total / count;
    // Deviations are taken from a rounded mean, and what that is off by comes off in the end.
    const float center = static_cast<float>(mean);
    const Vec<A> center_v(center);
    double squares = 0;
    for (Index o = 0; o < args.outer; ++o) {
      // The lanes that a partial vector fills with zeros are dropped by sum_of.
      squares += sum_of<A>(row(o), args.inner, [&](Vec<A> v) { return (v - center_v) * (v - center_v); });
    }
    const double off = mean - static_cast<double>(center);
    const double variance = squares / count - off * off;
    args.mean[c] = center;
    args.variance[c] = static_cast<float>(variance < 0 ? 0 : variance);
  }
}

}  // namespace
}  // namespace minnow::kernels
