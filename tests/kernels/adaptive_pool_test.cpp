#include <minnow/kernels/pool.h>

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "kernels/isa.h"

namespace minnow::kernels {
namespace {

class AdaptivePool : public IsaTest {};

std::int64_t start(std::int64_t i, std::int64_t in, std::int64_t out) { return i * in / out; }
std::int64_t end(std::int64_t i, std::int64_t in, std::int64_t out) { return ((i + 1) * in + out - 1) / out; }

// Calls f(output, value) for every value of every window, in row-major order.
template <class F>
void for_values(const AdaptivePoolArgs& a, std::int64_t plane, std::int64_t i, std::int64_t j, F f) {
  for (std::int64_t y = start(i, a.in_h, a.out_h); y < end(i, a.in_h, a.out_h); ++y) {
    for (std::int64_t x = start(j, a.in_w, a.out_w); x < end(j, a.in_w, a.out_w); ++x) {
      f(a.x[(plane * a.in_h + y) * a.in_w + x]);
    }
  }
}

// Input height and width, output height and width.
constexpr std::int64_t kCases[][4] = {{1, 1, 1, 1},      {7, 7, 1, 1},       {56, 56, 1, 1},     {28, 28, 7, 7},
                                      {14, 14, 7, 7},    {7, 7, 7, 7},       {5, 9, 3, 4},       {13, 11, 5, 7},
                                      {3, 2, 7, 5},      {1, 1, 3, 3},       {32, 64, 4, 8},     {9, 40, 1, 5},
                                      {200, 3, 2, 3},    {6, 300, 2, 3},     {10, 10, 10, 1},    {31, 4, 2, 2},
                                      {2, 5000, 1, 700}, {1, 5873, 1, 3527}, {1, 4096, 1, 1024}, {17, 24, 17, 3}};

TEST_P(AdaptivePool, AveragesAgreeWithDoublesToOneInAMillion) {
  for (const auto& [in_h, in_w, out_h, out_w] : kCases) {
    const Floats x = Floats::random(2 * in_h * in_w, 1, 0.1f, 1);
    Floats out(2 * out_h * out_w);
    const AdaptivePoolArgs args{x.data(), out.data(), 2, in_h, in_w, out_h, out_w};
    table().adaptive_avg_pool(args);
    for (std::int64_t o = 0; o < static_cast<std::int64_t>(out.size()); ++o) {
      double sum = 0, count = 0;
      for_values(args, o / (out_h * out_w), o / out_w % out_h, o % out_w, [&](float value) { sum += value, ++count; });
      ASSERT_NEAR(out[o], sum / count, 1e-6 * sum / count)
          << in_h << " x " << in_w << " to " << out_h << " x " << out_w << ", at " << o;
    }
    EXPECT_TRUE(out.intact());
  }
}

TEST_P(AdaptivePool, MaximaEqualTheDefinitionToTheBit) {
  const float values[] = {-0.0f, 0.0f, -1.0f, -2.0f, -kInf, kNaN, std::bit_cast<float>(0x7fc01234u)};
  for (const auto& [in_h, in_w, out_h, out_w] : kCases) {
    for (int kind = 0; kind < 4; ++kind) {  // any values; zeros of both signs; with rare NaNs; with many
      Floats x = Floats::random(2 * in_h * in_w, 1, kind == 0 ? -1.0f : 0.0f, kind == 3 ? 6.999f : 4.999f);
      if (kind > 0) {
        for (float& f : x) f = values[static_cast<int>(f)];
      }
      if (kind == 2) x[in_h * in_w / 2] = kNaN;
      Floats out(2 * out_h * out_w);
      const AdaptivePoolArgs args{x.data(), out.data(), 2, in_h, in_w, out_h, out_w};
      table().adaptive_max_pool(args);
      for (std::int64_t o = 0; o < static_cast<std::int64_t>(out.size()); ++o) {
        float best = -kInf;
        for_values(args, o / (out_h * out_w), o / out_w % out_h, o % out_w, [&](float value) {
          if (value > best || std::isnan(value)) best = value;
        });
        ASSERT_EQ(std::bit_cast<std::uint32_t>(out[o]), std::bit_cast<std::uint32_t>(best))
            << in_h << " x " << in_w << " to " << out_h << " x " << out_w << ", at " << o;
      }
      EXPECT_TRUE(out.intact());
    }
  }
}

TEST_P(AdaptivePool, AnEmptyOutputOrBatchWritesNothing) {
  Floats x(6), out(0);
  table().adaptive_avg_pool({x.data(), out.data(), 1, 2, 3, 0, 4});
  table().adaptive_max_pool({x.data(), out.data(), 0, 2, 3, 1, 1});
  EXPECT_TRUE(out.intact());
}

MINNOW_ON_EVERY_ISA(AdaptivePool);

}  // namespace
}  // namespace minnow::kernels
