#pragma once

#include <minnow/kernels/conv_tile.inl.h>

namespace minnow::kernels {
namespace {

/// The micro-kernel of depthwise convolution with a window of K x K and a stride of S columns: each pixel of a row is
/// loaded once and goes to every sum that it belongs to.
template <class A, int K, int S, int P>
void depthwise_tile(const ConvTile& t) {
  constexpr int C = kWidth<A>;
  Vec<A> acc[P][1];
  start_tile<A, P, 1>(t, acc);
  const float* w = t.w;
  for (int row = 0; row < K; ++row, w += K * C) {
    const float* x[2] = {t.x + t.tap[row * K], t.x + t.tap[row * K + 1]};  // the columns of each phase
    Vec<A> weight[K];
    unroll<K>([&](auto k) { weight[k] = load<A>(w + k * C); });
    unroll<(P - 1) * S + K>([&](auto i) {
      const Vec<A> pixel = S == 2 && i % 2 == 1 ? load<A>(x[1] + i / 2 * C) : load<A>(x[0] + i / S * C);
      unroll<K>([&](auto k) {
        constexpr int from = i - k;
        if constexpr (from >= 0 && from % S == 0 && from / S < P) {
          acc[from / S][0] = fma<A>(pixel, weight[k], acc[from / S][0]);
        }
      });
    });
  }
  store_tile<A, P, 1>(t, acc);
}

/// So many sums that the weights of a row fit beside them.
template <class A, int K>
constexpr int kDepthwisePixels = kRegisters<A> == 32 ? 14
                                 : K == 3            ? 8
                                                     : 6;

template <class A, int K, int S>
constexpr TileFunctions kDepthwiseTiles = [] {
  TileFunctions f;
  f.most = kDepthwisePixels<A, K>;
  unroll<kDepthwisePixels<A, K>>([&](auto p) { f.of_pixels[p] = depthwise_tile<A, K, S, p + 1>; });
  return f;
}();

/// The tiles for a depthwise convolution, or null where none are made for its window.
template <class A>
const TileFunctions* depthwise_tiles(const ConvShape& s) {
  if (s.kernel_h != s.kernel_w || s.dilation_h != 1 || s.dilation_w != 1 || s.stride_w > 2) return nullptr;
  const bool dense = s.stride_w == 1;
  switch (s.kernel_h) {
    case 3:
      return dense ? &kDepthwiseTiles<A, 3, 1> : &kDepthwiseTiles<A, 3, 2>;
    case 5:
      return dense ? &kDepthwiseTiles<A, 5, 1> : &kDepthwiseTiles<A, 5, 2>;
    case 7:
      return dense ? &kDepthwiseTiles<A, 7, 1> : &kDepthwiseTiles<A, 7, 2>;
    default:
      return nullptr;
  }
}

}  // namespace
}  // namespace minnow::kernels
