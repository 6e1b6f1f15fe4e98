#include <minnow/kernels/norm.h>

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "kernels/isa.h"

namespace minnow::kernels {
namespace {

class Norm : public IsaTest {};

TEST_P(Norm, ScaleAndShiftWorkPerChannel) {
  for (auto [outer, channels, inner] :
       {std::array<std::int64_t, 3>{1, 1, 1}, {2, 3, 49}, {3, 19, 1}, {1, 5, 8}, {0, 3, 3}}) {
    const Floats x = Floats::random(outer * channels * inner, 1), scale = Floats::random(channels, 2);
    const Floats shift = Floats::random(channels, 3);
    Floats out(outer * channels * inner);
    table().scale_shift({x.data(), out.data(), outer, channels, inner, scale.data(), shift.data()});
    for (std::int64_t i = 0; i < outer * channels * inner; ++i) {
      const std::int64_t c = i / inner % channels;
      ASSERT_NEAR(out[i], static_cast<double>(x[i]) * scale[c] + shift[c], 2e-7) << i;
    }
    EXPECT_TRUE(out.intact());
  }
}

TEST_P(Norm, StatisticsAgreeWithDoublesAlsoFarFromZero) {
  for (float offset : {0.0f, 1000.0f}) {
    for (auto [outer, channels, inner] : {std::array<std::int64_t, 3>{1, 2, 1}, {4, 3, 49}, {7, 5, 1}, {2, 2, 3001}}) {
      const Floats x = Floats::random(outer * channels * inner, 1, offset, offset + 1);
      Floats mean(channels), variance(channels);
      table().channel_stats({x.data(), outer, channels, inner, 0, channels, mean.data(), variance.data()});
      for (std::int64_t c = 0; c < channels; ++c) {
        double sum = 0, squares = 0;
        const auto each = [&, n = outer, C = channels, s = inner](auto f) {
          for (std::int64_t o = 0; o < n; ++o) {
            for (std::int64_t i = 0; i < s; ++i) f(static_cast<double>(x[(o * C + c) * s + i]));
          }
        };
        const double count = static_cast<double>(outer * inner);
        each([&](double value) { sum += value; });
        each([&](double value) { squares += (value - sum / count) * (value - sum / count); });
        ASSERT_NEAR(mean[c], sum / count, 1e-7 * (1 + offset));
        ASSERT_NEAR(variance[c], squares / count, 1e-6 * squares / count + 1e-12);
      }
    }
  }
}

TEST_P(Norm, StatisticsTouchOnlyTheChannelsAskedFor) {
  const Floats x(2 * 4 * 5, 3.0f);
  Floats mean(4, 9.0f), variance(4, 9.0f);
  table().channel_stats({x.data(), 2, 4, 5, 1, 3, mean.data(), variance.data()});
  const float expected_mean[] = {9, 3, 3, 9}, expected_variance[] = {9, 0, 0, 9};
  for (std::int64_t c = 0; c < 4; ++c) {
    EXPECT_EQ(mean[c], expected_mean[c]);
    EXPECT_EQ(variance[c], expected_variance[c]);
  }
}

MINNOW_ON_EVERY_ISA(Norm);

}  // namespace
}  // namespace minnow::kernels
