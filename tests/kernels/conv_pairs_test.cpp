#include <minnow/kernels/conv.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "kernels/conv_problem.h"

namespace minnow::kernels {
namespace {

constexpr Window kPoint{1, 1, 1, 1, 0, 0, 1, 1};

class ConvPairs : public CoreTest {
 protected:
  void SetUp() override {
    CoreTest::SetUp();
    if (!kernel().applies(make(1, {64, 24, 1}, 6, 7, kPoint))) GTEST_SKIP() << "too few registers for pairs";
  }
  const ConvKernel& kernel() const { return table().conv[ConvAlgorithm::pairs]; }

  /// Of the first image.
  float at(const Floats& y, const ConvShape& s, std::int64_t o, std::int64_t p) const {
    return kernels::at(y, s, kernel().out.block, 0, o, p);
  }
  double error(const Problem& problem) const { return problem.error_of_each(kernel(), 2); }
  double error_of_largest(const Problem& problem) const { return problem.error_of_largest(kernel(), 2); }
};

TEST_P(ConvPairs, KeepTheirDigitsWhateverTheScaleOfPixelsAndWeights) {
  for (const float of_pixels : {1e-30f, 1e-6f, 1.0f, 1e6f, 1e27f}) {
    for (const float of_weights : {1e-7f, 1.0f, 1e7f}) {
      Problem problem = without_additions(make(1, {64, 24, 1}, 6, 7, kPoint));
      for (float& x : problem.x) x *= of_pixels;
      for (std::int64_t i = 0; i < 64 * 24; ++i) {  // each output channel has a scale of its own
        problem.weight[i] *= of_weights * std::ldexp(1.0f, static_cast<int>(i / 64) - 12);
      }
      EXPECT_LT(error(problem), 2e-6) << of_pixels << ", " << of_weights;
    }
  }
}

TEST_P(ConvPairs, OfWhatIsAllOfOneSignLoseLittle) {  // as after a ReLU: the sums of the pairs could be large then
  for (const std::int64_t channels : {64, 1024, 4096}) {
    Problem problem = without_additions(make(1, {channels, 24, 1}, 4, 5, kPoint));
    for (float& x : problem.x) x = std::abs(x) + 0.5f;
    EXPECT_LT(error_of_largest(problem), 6e-6) << channels;
    for (float& w : problem.weight) w = std::abs(w);
    EXPECT_LT(error_of_largest(problem), 6e-6) << channels;
  }
}

TEST_P(ConvPairs, OfChannelsThatTowerAboveTheOthersLoseLittle) {  // with small weights, which make up for it
  for (const float factor : {30.0f, 1000.0f}) {
    Problem problem = without_additions(make(1, {1024, 24, 1}, 4, 5, kPoint));
    for (const std::int64_t channel : {7, 100, 1000}) {
      for (std::int64_t p = 0; p < 20; ++p) problem.x[channel * 20 + p] *= factor;
      for (std::int64_t o = 0; o < 24; ++o) problem.weight[o * 1024 + channel] /= factor;
    }
    EXPECT_LT(error_of_largest(problem), factor * 2e-7) << factor;
  }
}

TEST_P(ConvPairs, OfZerosAreTheBias) {
  for (const bool with_bias : {true, false}) {
    Problem problem(make(1, {40, 24, 1}, 3, 5, kPoint));
    problem.with_residual = false, problem.with_bias = with_bias;
    const auto expect_bias = [&] {
      const Floats y = problem.compute(kernel(), 1);
      for (std::int64_t o = 0; o < 24; ++o) {
        for (std::int64_t p = 0; p < 15; ++p) EXPECT_EQ(at(y, problem.s, o, p), with_bias ? problem.bias[o] : 0);
      }
    };
    const Floats x = problem.x;
    std::ranges::fill(problem.x, -0.0f);
    expect_bias();
    std::ranges::copy(x.data(), x.data() + x.size(), problem.x.begin());
    std::ranges::fill(problem.weight, 0.0f);
    expect_bias();
  }
}

TEST_P(ConvPairs, OfANaNOrAnInfinityAreNotFiniteInItsPixelAlone) {
  constexpr std::int64_t kChannels = 40, kPixels = 70, kBad = 33;
  for (const float bad : {kNaN, kInf, -kInf}) {
    for (const std::int64_t channel : {0, 1, 2, 15, 39}) {
      Problem problem = without_additions(make(1, {kChannels, 16, 1}, 1, kPixels, kPoint));
      const Floats before = problem.compute(kernel(), 3);
      problem.x[channel * kPixels + kBad] = bad;
      const Floats y = problem.compute(kernel(), 3);
      for (std::int64_t o = 0; o < 16; ++o) {
        EXPECT_FALSE(std::isfinite(at(y, problem.s, o, kBad)));
        for (std::int64_t p = 0; p < kPixels; ++p) {
          if (p == kBad) continue;
          EXPECT_EQ(at(y, problem.s, o, p), at(before, problem.s, o, p)) << p << ", " << channel;
        }
      }
    }
  }
}

TEST_P(ConvPairs, OfADarkPixelAmongBrightOnesKeepTheirDigits) {
  Problem problem = without_additions(make(1, {64, 24, 1}, 5, 7, kPoint));
  for (std::int64_t c = 0; c < 64; ++c) {
    for (std::int64_t p = 0; p < 35; ++p) problem.x[c * 35 + p] *= std::ldexp(1.0f, static_cast<int>(p) - 17);
  }
  EXPECT_LT(error(problem), 2e-6);
}

TEST_P(ConvPairs, OfInfiniteWeightsAreNotFinite) {
  Problem problem = without_additions(make(1, {32, 16, 1}, 2, 3, kPoint));
  problem.weight[3 * 32 + 5] = kInf;
  const Floats y = problem.compute(kernel(), 1);
  for (std::int64_t o = 0; o < 16; ++o) {
    for (std::int64_t p = 0; p < 6; ++p) EXPECT_EQ(std::isfinite(at(y, problem.s, o, p)), o != 3);
  }
}

MINNOW_ON_EVERY_CORE(ConvPairs);

}  // namespace
}  // namespace minnow::kernels
