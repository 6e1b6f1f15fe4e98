#include <minnow/kernels/pool.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "kernels/isa.h"

namespace minnow::kernels {
namespace {

class Pool : public IsaTest {};

std::int64_t out_size(std::int64_t in, std::int64_t k, std::int64_t s, std::int64_t p, std::int64_t d, bool ceil) {
  std::int64_t out = (in + 2 * p - d * (k - 1) - 1 + (ceil ? s - 1 : 0)) / s + 1;
  if (ceil && (out - 1) * s >= in + p) --out;
  return out;
}

// Windows as the definition has them: one output, its taps in row-major order.
template <class F>
void for_taps(const PoolArgs& a, std::int64_t i, std::int64_t j, F f) {
  for (std::int64_t k = 0; k < a.kernel_h; ++k) {
    for (std::int64_t l = 0; l < a.kernel_w; ++l) {
      f(i * a.stride_h - a.pad_h + k * a.dilation_h, j * a.stride_w - a.pad_w + l * a.dilation_w);
    }
  }
}

float naive_max(const PoolArgs& a, std::int64_t plane, std::int64_t i, std::int64_t j) {
  float best = -kInf;
  for_taps(a, i, j, [&](std::int64_t y, std::int64_t x) {
    if (y < 0 || x < 0 || y >= a.in_h || x >= a.in_w) return;
    const float value = a.x[(plane * a.in_h + y) * a.in_w + x];
    if (value > best || std::isnan(value)) best = value;
  });
  return best;
}

double naive_avg(const PoolArgs& a, std::int64_t plane, std::int64_t i, std::int64_t j) {
  double sum = 0;
  std::int64_t inside = 0, padded = 0;
  for_taps(a, i, j, [&](std::int64_t y, std::int64_t x) {
    if (y >= a.in_h + a.pad_h || x >= a.in_w + a.pad_w) return;
    ++padded;
    if (y < 0 || x < 0 || y >= a.in_h || x >= a.in_w) return;
    ++inside;
    sum += a.x[(plane * a.in_h + y) * a.in_w + x];
  });
  if (inside == 0) return 0;
  return sum / static_cast<double>(a.divisor != 0 ? a.divisor : a.count_include_pad ? padded : inside);
}

struct PoolWindow {
  std::int64_t kernel_h, kernel_w, stride_h, stride_w, pad_h, pad_w, dilation = 1;
};
constexpr PoolWindow kPoolWindows[] = {{2, 2, 2, 2, 0, 0},    {3, 3, 2, 2, 1, 1},   {3, 3, 1, 1, 1, 1},
                                       {1, 1, 1, 1, 0, 0},    {5, 3, 3, 2, 2, 1},   {2, 3, 1, 4, 0, 1},
                                       {3, 2, 2, 1, 1, 1, 2}, {20, 20, 2, 3, 0, 10}};
constexpr std::int64_t kPlanes[][2] = {{1, 1}, {7, 7}, {13, 37}, {23, 21}, {2, 64}, {112, 5}};

template <class F>
void for_pools(bool dilated, F f) {
  for (const PoolWindow& w : kPoolWindows) {
    if (w.dilation > 1 && !dilated) continue;
    for (const auto& [h, width] : kPlanes) {
      for (bool ceil : {false, true}) {
        if (h + 2 * w.pad_h < w.dilation * (w.kernel_h - 1) + 1) continue;
        if (width + 2 * w.pad_w < w.dilation * (w.kernel_w - 1) + 1) continue;
        const std::int64_t out_h = out_size(h, w.kernel_h, w.stride_h, w.pad_h, w.dilation, ceil);
        const std::int64_t out_w = out_size(width, w.kernel_w, w.stride_w, w.pad_w, w.dilation, ceil);
        f(PoolArgs{nullptr, nullptr, 2, h, width, out_h, out_w, w.kernel_h, w.kernel_w, w.stride_h, w.stride_w, w.pad_h,
                   w.pad_w, w.dilation, w.dilation});
      }
    }
  }
}

// Few values, with zeros of both signs and, if wanted, NaNs of two kinds among them.
Floats spiky(std::int64_t n, bool nans) {
  const float values[] = {
      -0.0f, 0.0f, -1.0f, -2.0f, -kInf, nans ? kNaN : 0.5f, nans ? std::bit_cast<float>(0x7fc01234u) : 1.0f};
  Floats x = Floats::random(n, 11, 0, 6.999f);
  for (float& f : x) f = values[static_cast<int>(f)];
  return x;
}

TEST_P(Pool, MaxPoolsEqualTheDefinitionToTheBit) {
  for_pools(true, [&](PoolArgs args) {
    for (int kind = 0; kind < 3; ++kind) {
      const std::int64_t n = args.planes * args.in_h * args.in_w;
      const Floats x = kind == 0 ? Floats::random(n, 1) : spiky(n, kind == 2);
      Floats out(args.planes * args.out_h * args.out_w);
      args.x = x.data();
      args.out = out.data();
      table().max_pool(args);
      for (std::int64_t o = 0; o < static_cast<std::int64_t>(out.size()); ++o) {
        const float expected =
            naive_max(args, o / (args.out_h * args.out_w), o / args.out_w % args.out_h, o % args.out_w);
        ASSERT_EQ(std::bit_cast<std::uint32_t>(out[o]), std::bit_cast<std::uint32_t>(expected))
            << out[o] << " for " << expected << ", input " << args.in_h << " x " << args.in_w << ", kernel "
            << args.kernel_h << " x " << args.kernel_w << ", at " << o;
      }
      EXPECT_TRUE(out.intact());
    }
  });
}

TEST_P(Pool, AvgPoolsAgreeWithDoublesForEveryRuleOfTheDivisor) {
  for_pools(false, [&](PoolArgs args) {
    for (int rule = 0; rule < 3; ++rule) {
      args.count_include_pad = rule != 1;
      args.divisor = rule == 2 ? 7 : 0;
      const Floats x = Floats::random(args.planes * args.in_h * args.in_w, 1, 0.5, 1);
      Floats out(args.planes * args.out_h * args.out_w);
      args.x = x.data();
      args.out = out.data();
      table().avg_pool(args);
      for (std::int64_t o = 0; o < static_cast<std::int64_t>(out.size()); ++o) {
        const double expected =
            naive_avg(args, o / (args.out_h * args.out_w), o / args.out_w % args.out_h, o % args.out_w);
        ASSERT_NEAR(out[o], expected, 1e-6 * expected)
            << "rule " << rule << ", input " << args.in_h << " x " << args.in_w << ", kernel " << args.kernel_h << " x "
            << args.kernel_w << ", at " << o;
      }
      EXPECT_TRUE(out.intact());
    }
  });
}

TEST_P(Pool, NoPlanesAreNoWork) {
  table().max_pool({nullptr, nullptr, 0, 4, 4, 2, 2, 2, 2, 2, 2, 0, 0});
  table().avg_pool({nullptr, nullptr, 0, 4, 4, 2, 2, 2, 2, 2, 2, 0, 0});
}

MINNOW_ON_EVERY_ISA(Pool);

}  // namespace
}  // namespace minnow::kernels
