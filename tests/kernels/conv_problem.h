#pragma once

#include <minnow/kernels/conv.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "kernels/isa.h"

namespace minnow::kernels {

struct Window {
  std::int64_t kernel_h, kernel_w, stride_h, stride_w, pad_h, pad_w, dilation_h, dilation_w;
};

struct Channels {
  std::int64_t in, out, groups;
};

inline ConvShape make(std::int64_t batch, Channels c, std::int64_t h, std::int64_t w, Window k) {
  ConvShape s{.batch = batch, .in_channels = c.in, .in_h = h, .in_w = w, .out_channels = c.out};
  s.kernel_h = k.kernel_h, s.kernel_w = k.kernel_w, s.stride_h = k.stride_h, s.stride_w = k.stride_w;
  s.pad_top = k.pad_h, s.pad_left = k.pad_w, s.dilation_h = k.dilation_h, s.dilation_w = k.dilation_w;
  s.groups = c.groups;
  s.out_h = (h + 2 * k.pad_h - k.dilation_h * (k.kernel_h - 1) - 1) / k.stride_h + 1;
  s.out_w = (w + 2 * k.pad_w - k.dilation_w * (k.kernel_w - 1) - 1) / k.stride_w + 1;
  return s;
}

inline std::string text(const ConvShape& s) {
  const auto pair = [](std::int64_t a, std::int64_t b) { return std::to_string(a) + "x" + std::to_string(b); };
  return std::to_string(s.batch) + " of " + std::to_string(s.in_channels) + " to " + std::to_string(s.out_channels) +
         " at " + pair(s.in_h, s.in_w) + " kernel " + pair(s.kernel_h, s.kernel_w) + " stride " +
         pair(s.stride_h, s.stride_w) + " pad " + pair(s.pad_top, s.pad_left) + " dilation " +
         pair(s.dilation_h, s.dilation_w) + " groups " + std::to_string(s.groups);
}

inline std::int64_t blocks_of(std::int64_t channels, std::int64_t block) { return (channels + block - 1) / block; }

/// NCHW to NCHW[block], with `fill` in the lanes beyond the last channel.
inline Floats blocked(const Floats& x, std::int64_t batch, std::int64_t channels, std::int64_t pixels,
                      std::int64_t block, float fill) {
  const std::int64_t blocks = blocks_of(channels, block);
  Floats y(batch * blocks * block * pixels, fill);
  for (std::int64_t n = 0; n < batch; ++n) {
    for (std::int64_t c = 0; c < channels; ++c) {
      for (std::int64_t p = 0; p < pixels; ++p) {
        y[((n * blocks + c / block) * pixels + p) * block + c % block] = x[(n * channels + c) * pixels + p];
      }
    }
  }
  return y;
}

/// The output's channel o at pixel p of image n, in NCHW[block].
inline float at(const Floats& y, const ConvShape& s, std::int64_t block, std::int64_t n, std::int64_t o,
                std::int64_t p) {
  return y[((n * blocks_of(s.out_channels, block) + o / block) * s.out_h * s.out_w + p) * block + o % block];
}

/// A convolution with its data, NCHW.
struct Problem {
  ConvShape s;
  Floats x, weight, bias, residual;
  const float* factors = nullptr;  // of the output channels' weights
  float lo = -kInf, hi = kInf;
  bool with_bias = true, with_residual = true;
  bool in_place = false;  // the residual lies where the output is written

  explicit Problem(const ConvShape& shape)
      : s(shape),
        x(Floats::random(s.batch * s.in_channels * s.in_h * s.in_w, 1)),
        weight(Floats::random(s.out_channels * (s.in_channels / s.groups) * s.kernel_h * s.kernel_w, 2)),
        bias(Floats::random(s.out_channels, 3)),
        residual(Floats::random(s.batch * s.out_channels * s.out_h * s.out_w, 4)) {}

  /// The definition, in double. `size` receives the sum of the absolute values of what was added up.
  double reference(std::int64_t n, std::int64_t o, std::int64_t i, std::int64_t j, double& size) const {
    const std::int64_t in_group = s.in_channels / s.groups, out_group = s.out_channels / s.groups;
    double sum = with_bias ? bias[o] : 0;
    size = std::abs(sum);
    for (std::int64_t c = 0; c < in_group; ++c) {
      for (std::int64_t a = 0; a < s.kernel_h; ++a) {
        for (std::int64_t b = 0; b < s.kernel_w; ++b) {
          const std::int64_t h = i * s.stride_h - s.pad_top + a * s.dilation_h;
          const std::int64_t w = j * s.stride_w - s.pad_left + b * s.dilation_w;
          if (h < 0 || h >= s.in_h || w < 0 || w >= s.in_w) continue;
          const double product =
              static_cast<double>(x[((n * s.in_channels + o / out_group * in_group + c) * s.in_h + h) * s.in_w + w]) *
              weight[((o * in_group + c) * s.kernel_h + a) * s.kernel_w + b];
          sum += product;
          size += std::abs(product);
        }
      }
    }
    if (with_residual) {
      const float added = residual[((n * s.out_channels + o) * s.out_h + i) * s.out_w + j];
      sum += added;
      size += std::abs(added);
    }
    return sum < lo ? lo : sum > hi ? hi : sum;
  }

  /// What the kernel computes, in its output format; the units in runs of one to `run` at a time.
  Floats compute(const ConvKernel& kernel, std::int64_t run) const {
    const std::int64_t units = kernel.units(s);
    std::mt19937 engine(5);
    return compute_with(kernel, [&](const ConvArgs& args) {
      for (std::int64_t first = 0, last = 0; first < units; first = last) {
        last = std::min<std::int64_t>(units, first + 1 + static_cast<std::int64_t>(engine()) % run);
        kernel.run(s, args, first, last);
      }
    });
  }

  /// The same, image by image and some rows at a time, of which memory holds no others, and of the input just those
  /// that they read.
  Floats compute_by_rows(const ConvKernel& kernel) const {
    const std::int64_t in_planes = blocks_of(s.in_channels, kernel.in.block), in_row = s.in_w * kernel.in.block;
    const std::int64_t out_planes = blocks_of(s.out_channels, kernel.out.block), out_row = s.out_w * kernel.out.block;
    const auto copy_rows = [](const float* from, std::int64_t from_rows, std::int64_t from_first, float* to,
                              std::int64_t to_rows, std::int64_t to_first, std::int64_t planes, std::int64_t rows,
                              std::int64_t row) {
      for (std::int64_t i = 0; i < planes; ++i) {
        std::copy_n(from + (i * from_rows + from_first) * row, rows * row, to + (i * to_rows + to_first) * row);
      }
    };
    std::mt19937 engine(6);
    return compute_with(kernel, [&](const ConvArgs& args) {
      for (std::int64_t n = 0; n < s.batch; ++n) {
        for (std::int64_t first = 0, last = 0; first < s.out_h; first = last) {
          last = std::min<std::int64_t>(s.out_h, first + 1 + static_cast<std::int64_t>(engine()) % s.out_h);
          const auto within = [&](std::int64_t row) { return std::clamp<std::int64_t>(row, 0, s.in_h); };
          const std::int64_t from = within(first * s.stride_h - s.pad_top), rows = last - first;
          const std::int64_t until = within((last - 1) * s.stride_h - s.pad_top + (s.kernel_h - 1) * s.dilation_h + 1);
          Floats in(in_planes * (until - from) * in_row, kNaN), out(out_planes * rows * out_row, kNaN);
          Floats added(out.size(), kNaN);
          const float* const image = static_cast<const float*>(args.x) + n * in_planes * s.in_h * in_row;
          const std::int64_t out_image = n * out_planes * s.out_h * out_row;
          copy_rows(image, s.in_h, from, in.data(), until - from, 0, in_planes, until - from, in_row);
          ConvArgs own = args;
          own.x = in.data();
          own.y = out.data();
          if (args.residual) {
            copy_rows(static_cast<const float*>(args.residual) + out_image, s.out_h, first, added.data(), rows, 0,
                      out_planes, rows, out_row);
            own.residual = added.data();
          }
          kernel.run_rows(s, own, {first, last, from, until - from, first, rows});
          EXPECT_TRUE(out.intact()) << kernel.name << ", " << text(s);
          copy_rows(out.data(), rows, 0, static_cast<float*>(args.y) + out_image, s.out_h, first, out_planes, rows,
                    out_row);
        }
      }
    });
  }

  /// What is written to y by run(args), in the kernel's output format.
  Floats compute_with(const ConvKernel& kernel, const auto& run) const {
    Floats packed(kernel.packed_bytes(s) / 4, kNaN), scratch(kernel.scratch_bytes(s) / 4 + 2, kNaN);
    for (std::int64_t u = 0; u < kernel.pack_units(s); ++u)
      kernel.pack(s, {weight.data(), factors}, packed.data(), u, u + 1);
    const std::int64_t out = blocks_of(s.out_channels, kernel.out.block) * kernel.out.block;
    Floats padded_bias = blocked(bias, 1, s.out_channels, 1, out, 0);
    const Floats in = blocked(x, s.batch, s.in_channels, s.in_h * s.in_w, kernel.in.block, kNaN);
    const Floats added = blocked(residual, s.batch, s.out_channels, s.out_h * s.out_w, kernel.out.block, kNaN);
    Floats y(s.batch * out * s.out_h * s.out_w, kNaN);
    if (in_place) std::copy_n(added.data(), added.size(), y.data());
    run(ConvArgs{.x = in.data(),
                 .packed = packed.data(),
                 .bias = with_bias ? padded_bias.data() : nullptr,
                 .residual = !with_residual ? nullptr
                             : in_place     ? y.data()
                                            : added.data(),
                 .y = y.data(),
                 .scratch = aligned(scratch),
                 .lo = lo,
                 .hi = hi});
    EXPECT_TRUE(y.intact() && packed.intact() && scratch.intact()) << kernel.name << ", " << text(s);
    return y;
  }

  /// What the definition gives, NCHW, and the sum of the absolute values that were added up for it.
  struct Expected {
    std::vector<double> y, size;
  };
  Expected expected() const {
    Expected e;
    for (std::int64_t n = 0; n < s.batch; ++n) {
      for (std::int64_t o = 0; o < s.out_channels; ++o) {
        for (std::int64_t p = 0; p < s.out_h * s.out_w; ++p) {
          double size = 0;
          e.y.push_back(reference(n, o, p / s.out_w, p % s.out_w, size));
          e.size.push_back(size);
        }
      }
    }
    return e;
  }

  /// The largest error of the kernel, as a part of what was added up; for one that is not exact, of the most that was
  /// added up for any output.
  double error(const ConvKernel& kernel, const Expected& e) const {
    const double most = *std::ranges::max_element(e.size);
    return worst_error(kernel, 5, e, [&](std::size_t i) { return kernel.exact ? e.size[i] + 1e-30 : most; });
  }
  /// The same for products that keep the digits of each output, however small it is.
  double error_of_each(const ConvKernel& kernel, std::int64_t run) const {
    const Expected e = expected();
    return worst_error(kernel, run, e, [&](std::size_t i) { return e.size[i] + std::numeric_limits<float>::min(); });
  }
  /// The largest error, as a part of the largest output.
  double error_of_largest(const ConvKernel& kernel, std::int64_t run) const {
    const Expected e = expected();
    double largest = 0;
    for (const double y : e.y) largest = std::max(largest, std::abs(y));
    return worst_error(kernel, run, e, [&](std::size_t) { return largest; });
  }

 private:
  template <class Measure>
  double worst_error(const ConvKernel& kernel, std::int64_t run, const Expected& e, const Measure& measure) const {
    const Floats y = compute(kernel, run);
    const std::int64_t pixels = s.out_h * s.out_w;
    double worst = 0;
    for (std::size_t i = 0; i < e.y.size(); ++i) {
      const auto index = static_cast<std::int64_t>(i);
      const std::int64_t n = index / pixels / s.out_channels, o = index / pixels % s.out_channels;
      const double got = at(y, s, kernel.out.block, n, o, index % pixels);
      const double error = std::abs(got - e.y[i]) / measure(i);
      if (!(error <= worst)) worst = std::isnan(error) ? kInf : error;
    }
    return worst;
  }

  /// Scratch memory is aligned to eight bytes only.
  static float* aligned(Floats& scratch) {
    return scratch.data() + (reinterpret_cast<std::uintptr_t>(scratch.data()) % 8 ? 1 : 0);
  }
};

/// Nothing but products.
inline Problem without_additions(const ConvShape& shape) {
  Problem problem(shape);
  problem.with_bias = problem.with_residual = false;
  return problem;
}

/// What an error may be, as a part of the sum of all absolute values.
inline double tolerance(const ConvKernel& kernel) { return kernel.exact ? 2e-6 : 5e-6; }

}  // namespace minnow::kernels
