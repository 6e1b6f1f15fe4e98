#pragma once

#include <minnow/kernels/conv_tile.inl.h>
#include <minnow/kernels/conv_window.inl.h>
#include <minnow/kernels/lanes.inl.h>

namespace minnow::kernels {
namespace {

/// 1x1 convolution, of any stride, by one level of Strassen's algorithm, in Winograd's form: pixels, input and output
/// channels are cut into halves, and seven products of halves, of sums of pixels with sums of weights, replace eight.
/// With A the pixels (A12: first half of the pixels, second half of the input channels), B the weights, C the output:
///
///   S1 = A21 + A22   S2 = S1 - A11   S3 = A11 - A21   S4 = A12 - S2
///   T1 = B12 - B11   T2 = B22 - T1   T3 = B22 - B12   T4 = T2 - B21
///   U = A11 B11 + S2 T2        V = U + S3 T3        M = S1 T1
///   C11 = A11 B11 + A12 B21    C12 = U + M + S4 B22    C21 = V - A22 T4    C22 = V + M
///
/// (Huss-Lederman and others, "Implementation of Strassen's Algorithm for Matrix Multiplication", 1996.) A unit is one
/// tile of output channels of either half, of one chunk of an image's pixels.
template <class A>
struct StrassenConv {
  static constexpr int C = kWidth<A>;
  static constexpr Index kSumFloats = 112 * 1024;  // what the sums of a chunk may take of the L2 cache
  enum Factor { kB11, kB21, kT2, kT3, kT1, kB22, kMinusT4, kFactors };

  const ConvShape& s;
  Index pixels;                 // of an image's output
  Index in_blocks, out_blocks;  // of channels, of a half
  ChannelTiles tiles;           // of the output channels of a half
  Index chunk, chunks;          // pixels a chunk, both halves; chunks an image
  Index factor;                 // floats of one factor of a block of output channels

  [[gnu::noinline]] explicit StrassenConv(const ConvShape& shape)
      : s(shape),
        pixels(s.out_h * s.out_w),
        in_blocks(s.in_channels / (2 * C)),
        out_blocks(s.out_channels / (2 * C)),
        factor(in_blocks * C * C) {
    const Index fit = kSumFloats / (2 * in_blocks * C);  // with a stride, as much again is staged
    chunks = ceil_div(pixels, fit < 28 ? 28 : fit);
    if (chunks == 1 && out_blocks < 8 && pixels >= 48) chunks = 2;  // few tiles: threads share the pixels
    chunk = ceil_div(pixels, chunks);
    chunks = ceil_div(pixels, chunk);
    tiles = ChannelTiles::of<A>(out_blocks, half());
  }

  static bool applies(const ConvShape& s) {
    return is_pointwise(s) && s.in_channels % (2 * C) == 0 && s.out_channels % (2 * C) == 0;
  }
  /// Whether some pixels are not read; those that are, are staged.
  bool staged() const { return s.out_h != s.in_h || s.out_w != s.in_w; }
  Index half() const { return ceil_div(chunk, 2); }
  Index packed_floats() const { return kFactors * in_blocks * C * out_blocks * C; }
  Index scratch_bytes() const {
    const Index stage = staged() ? 2 * in_blocks * chunk : 0;
    return ((4 * in_blocks + 3 * tiles.most()) * half() + stage) * C * static_cast<Index>(sizeof(float));
  }
  Index pack_units() const { return out_blocks; }
  Index units() const { return s.batch * chunks * tiles.count; }

  /// [out_blocks][factors][input channels of a half][C]
  void pack(const ConvWeights& weight, float* packed, Index first, Index last) const {
    const Index second_in = in_blocks * C, second_out = out_blocks * C * s.in_channels;
    for (Index block = first; block < last; ++block) {
      const float* from = weight.values + block * C * s.in_channels;
      float* to = packed + block * kFactors * factor;
      for (Index lane = 0; lane < C; lane += 4) {
        for (Index c = 0; c < in_blocks * C; c += 4) {
          Vec<Quad> f[kFactors][4];
          unroll<4>([&](auto i) {
            const float* row = from + (lane + i) * s.in_channels + c;
            const Index out = block * C + lane + i;
            const Vec<Quad> one(weight.factor(out)), two(weight.factor(out_blocks * C + out));
            const Vec<Quad> b11 = one * load<Quad>(row), b21 = one * load<Quad>(row + second_in);
            const Vec<Quad> b12 = two * load<Quad>(row + second_out),
                            b22 = two * load<Quad>(row + second_out + second_in);
            const Vec<Quad> t1 = b12 - b11, t2 = b22 - t1;
            f[kB11][i] = b11, f[kB21][i] = b21, f[kB22][i] = b22;
            f[kT1][i] = t1, f[kT2][i] = t2, f[kT3][i] = b22 - b12, f[kMinusT4][i] = b21 - t2;
          });
          for (Index k = 0; k < kFactors; ++k) {
            transpose4(f[k]);
            float* out = to + k * factor + c * C + lane;
            unroll<4>([&](auto i) { store<Quad>(out + i * C, f[k][i]); });
          }
        }
      }
    }
  }

  /// Stages the pixels of a chunk: [2 * in_blocks][chunk][C].
  void stage(const float* image, float* to, Index start, Index count) const {
    for (Index b = 0; b < 2 * in_blocks; ++b) {
      const float* plane = image + b * s.in_h * s.in_w * C;
      float* out = to + b * chunk * C;
      Index row = start / s.out_w, column = start % s.out_w;
      for (Index p = 0; p < count; ++p, out += C) {
        store<A>(out, load<A>(plane + (row * s.stride_h * s.in_w + column * s.stride_w) * C));
        if (++column == s.out_w) column = 0, ++row;
      }
    }
  }

  /// S1, S2, S3, S4 of a chunk of `count` pixels, one after the other: [in_blocks][half()][C] each. Where the second
  /// half has a pixel less, it is zero.
  void add_pixels(const float* x, Index plane, float* sums, Index count) const {
    const Index second = ceil_div(count, 2), size = in_blocks * half() * C;
    for (Index b = 0; b < in_blocks; ++b) {
      const float* first_in = x + b * plane;
      const float* second_in = first_in + in_blocks * plane;
      float* to = sums + b * half() * C;
      for (Index p = 0; p < second; ++p) {
        const bool pair = second + p < count;
        const Vec<A> a11 = load<A>(first_in + p * C), a12 = load<A>(second_in + p * C);
        const Vec<A> a21 = pair ? load<A>(first_in + (second + p) * C) : Vec<A>(0.0f);
        const Vec<A> a22 = pair ? load<A>(second_in + (second + p) * C) : Vec<A>(0.0f);
        const Vec<A> s1 = a21 + a22, s2 = s1 - a11;
        store<A>(to + p * C, s1);
        store<A>(to + size + p * C, s2);
        store<A>(to + 2 * size + p * C, a11 - a21);
        store<A>(to + 3 * size + p * C, a12 - s2);
      }
    }
  }

  /// y = clamp(a + b + bias + residual) and a = b + c, for `count` pixels of `number` vectors.
  void finish(const ConvTile& t, const float* a, const float* b, float* c, Index number, Index count) const {
    const Vec<A> lo(t.lo), hi(t.hi);
    for (Index v = 0; v < number; ++v) {
      const Vec<A> bias = t.bias ? load<A>(t.bias + v * C) : Vec<A>(0.0f);
      for (Index p = 0; p < half(); ++p) {
        const Index at = (v * half() + p) * C, to = v * t.y_block + p * C;
        const Vec<A> m = load<A>(b + at);
        store<A>(c + at, load<A>(c + at) + m);
        if (p >= count) continue;
        Vec<A> sum = load<A>(a + at) + m + bias;
        if (t.residual) sum += load<A>(t.residual + to);
        store<A>(t.y + to, clamped<A>(sum, lo, hi));
      }
    }
  }

  void run(const ConvArgs& args, Index first, Index last) const {
    const Index size = in_blocks * half() * C, buffer = tiles.most() * half() * C, none = 0;
    const Index plane = (staged() ? chunk : pixels) * C;  // from one block of input channels to the next
    float* sums = static_cast<float*>(args.scratch);
    float *u = sums + 4 * size, *v = u + buffer, *m = v + buffer, *gathered = m + buffer;
    for (Index unit = first; unit < last;) {
      const Index n = unit / tiles.count / chunks, start = unit / tiles.count % chunks * chunk;
      const Index count = smaller(chunk, pixels - start), one = ceil_div(count, 2), two = count - one;
      const float* x = static_cast<const float*>(args.x) + n * 2 * in_blocks * s.in_h * s.in_w * C;
      if (staged()) {
        stage(x, gathered, start, count);
        x = gathered;
      } else {
        x += start * C;
      }
      add_pixels(x, plane, sums, count);
      for (const Index next = (unit / tiles.count + 1) * tiles.count; unit < last && unit < next; ++unit) {
        const Index t = unit % tiles.count, first_block = tiles.first(t), number = tiles.size(t);
        const TileFunctions& functions = conv_tiles<A, C>(number);
        const float* weights = static_cast<const float*>(args.packed) + first_block * kFactors * factor;
        ConvTile tile{};
        tile.planes = in_blocks;
        tile.taps = 1;
        tile.tap = &none;
        tile.tail = C;
        tile.lo = args.lo;
        tile.hi = args.hi;
        tile.w_block = tile.next_block = kFactors * factor;
        tile.next_floats = factor;
        tile.addend_block = half() * C;
        const auto multiply = [&](Factor f, const float* pixel, Index plane_stride, Index length) {
          tile.x = pixel;
          tile.plane_stride = plane_stride;
          tile.w = weights + f * factor;
          tile.next = f + 1 < kFactors ? tile.w + factor : tile.w + factor + (number - 1) * tile.w_block;
          run_tiles<A>(functions, tile, 1, length, C, 0);
        };
        // A product to be used later, plus `addend`.
        const auto partial = [&](Factor f, const float* pixel, Index plane_stride, const float* addend, float* to) {
          tile.bias = tile.residual = nullptr;
          tile.is_output = false;
          tile.addend = addend;
          tile.y = to;
          tile.y_block = half() * C;
          multiply(f, pixel, plane_stride, one);
        };
        // The place of a quarter of the output.
        const auto output = [&](Index half_pixels, Index half_channels, const float* addend) {
          const Index block = half_channels * out_blocks + first_block;
          const Index at = ((n * 2 * out_blocks + block) * pixels + start + half_pixels * one) * C;
          tile.bias = args.bias ? args.bias + block * C : nullptr;
          tile.residual = args.residual ? static_cast<const float*>(args.residual) + at : nullptr;
          tile.is_output = true;
          tile.addend = addend;
          tile.y = static_cast<float*>(args.y) + at;
          tile.y_block = pixels * C;
        };
        partial(kB11, x, plane, nullptr, u);
        output(0, 0, u);
        multiply(kB21, x + in_blocks * plane, plane, one);
        partial(kT2, sums + size, half() * C, u, u);
        partial(kT3, sums + 2 * size, half() * C, u, v);
        partial(kT1, sums, half() * C, nullptr, m);
        output(1, 1, nullptr);
        finish(tile, v, m, u, number, two);
        output(0, 1, u);
        multiply(kB22, sums + 3 * size, half() * C, one);
        output(1, 0, v);
        multiply(kMinusT4, x + in_blocks * plane + one * C, plane, two);
      }
    }
  }
};

}  // namespace
}  // namespace minnow::kernels
