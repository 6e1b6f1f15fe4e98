#include <minnow/kernels/conv.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "kernels/conv_problem.h"

namespace minnow::kernels {
namespace {

constexpr Window kPointwise{1, 1, 1, 1, 0, 0, 1, 1}, kSquare{3, 3, 1, 1, 1, 1, 1, 1};

/// What is special about products of digits. All machines' tests of all convolutions try them as well.
class ConvDigits : public testing::Test {
 protected:
  void SetUp() override {
    table_ = find(runnable(), "amx");
    if (table_ == nullptr) GTEST_SKIP() << "this machine has no tile registers";
  }
  const ConvKernel& of(const ConvShape& s) const {
    const ConvKernel& pointwise = table_->conv[ConvAlgorithm::digits_pointwise];
    return pointwise.applies(s) ? pointwise : table_->conv[ConvAlgorithm::digits];
  }

  /// By calls for up to `run` units.
  Floats compute(const Problem& problem, std::int64_t run = 4) const { return problem.compute(of(problem.s), run); }

  static float at(const Floats& y, const ConvShape& s, std::int64_t n, std::int64_t o, std::int64_t p) {
    return kernels::at(y, s, 16, n, o, p);
  }
  double error(const Problem& problem, std::int64_t run = 4) const { return problem.error_of_each(of(problem.s), run); }

 private:
  const Table* table_ = nullptr;
};

TEST_F(ConvDigits, KeepTheirDigitsWhateverTheScaleOfPixelsAndWeights) {
  for (const Window& window : {kPointwise, kSquare}) {
    for (const float of_pixels : {1e-30f, 1e-6f, 1.0f, 1e6f, 1e27f}) {
      for (const float of_weights : {1e-7f, 1.0f, 1e7f}) {
        Problem problem = without_additions(make(1, {64, 24, 1}, 6, 7, window));
        for (float& x : problem.x) x *= of_pixels;
        const auto terms = static_cast<std::int64_t>(problem.weight.size()) / 24;
        for (std::int64_t i = 0; i < terms * 24; ++i) {  // each output channel has a scale of its own
          problem.weight[i] *= of_weights * std::ldexp(1.0f, static_cast<int>(i / terms) - 12);
        }
        EXPECT_LT(error(problem), 1e-6) << of_pixels << ", " << of_weights;
      }
    }
  }
}

TEST_F(ConvDigits, OfADarkPixelAmongBrightOnesKeepTheirDigits) {
  Problem problem = without_additions(make(1, {64, 24, 1}, 5, 7, kPointwise));
  for (std::int64_t c = 0; c < 64; ++c) {
    for (std::int64_t p = 0; p < 35; ++p) problem.x[c * 35 + p] *= std::ldexp(1.0f, static_cast<int>(p) - 17);
  }
  EXPECT_LT(error(problem), 1e-6);
}

TEST_F(ConvDigits, OfTheMostAndLargestTermsDoNotOverflow) {
  // 8355000 is the largest integer, and of this one the lower digits are -128.
  constexpr float kExtreme = (127.0f * 65536 - 128 * 256 - 128) / 8355000;
  for (const float sign : {1.0f, -1.0f}) {
    Problem problem = without_additions(make(1, {4444, 1, 1}, 1, 2, {3, 3, 1, 1, 1, 1, 1, 1}));
    std::ranges::fill(problem.x, kExtreme);
    std::ranges::fill(problem.weight, sign * kExtreme);
    problem.x[0] = 1, problem.weight[4] = sign;
    ASSERT_TRUE(of(problem.s).applies(problem.s));
    EXPECT_LT(error(problem), 1e-6);
  }
  EXPECT_FALSE(of(make(1, {4445, 1, 1}, 1, 2, kSquare)).applies(make(1, {4445, 1, 1}, 1, 2, kSquare)));
}

TEST_F(ConvDigits, OfMoreThanACacheHoldsAreTheSame) {
  // An odd number of chunks, which are split anew for the second slab of output channels; few pixels and many weights.
  for (const auto& [channels, h, w] : {std::tuple{Channels{1024, 272, 1}, 16, 17}, {Channels{1024, 600, 1}, 5, 7}}) {
    EXPECT_LT(error(without_additions(make(1, channels, h, w, kPointwise)), 1 << 20), 1e-6);
  }
  EXPECT_LT(error(without_additions(make(1, {600, 24, 1}, 21, 21, kSquare)), 1 << 20), 1e-6);  // 11 rows, and 10
  EXPECT_LT(error(without_additions(make(5, {256, 24, 1}, 14, 14, kSquare)), 1 << 20), 1e-6);  // three images, and two
}

TEST_F(ConvDigits, HaveTheSameBitsHoweverThreadsShareThem) {
  // Few pixels with many weights and with few, several slabs, and a window.
  for (const auto& [channels, size, window] : {std::tuple{Channels{960, 160, 1}, 7, kPointwise},
                                               {Channels{64, 40, 1}, 7, kPointwise},
                                               {Channels{128, 400, 1}, 14, kPointwise},
                                               {Channels{192, 40, 1}, 14, kSquare}}) {
    const Problem problem = without_additions(make(1, channels, size, size, window));
    Floats whole = compute(problem, 1 << 20);
    for (const std::int64_t run : {1, 7}) EXPECT_TRUE(std::ranges::equal(compute(problem, run), whole)) << run;
    EXPECT_LT(error(problem, 1 << 20), 1e-6);
  }
}

TEST_F(ConvDigits, OfLargePixelsAndSmallWeightsDoNotOverflow) {
  Problem problem = without_additions(make(1, {64, 24, 1}, 5, 5, kPointwise));
  for (float& x : problem.x) x *= 1e37f;
  for (float& w : problem.weight) w *= 1e-10f;
  EXPECT_LT(error(problem), 1e-6);
}

TEST_F(ConvDigits, OfTinyWeightsWithLargeFactorsAreNotLost) {
  Problem problem = without_additions(make(1, {64, 24, 1}, 5, 5, kPointwise)), scaled = without_additions(problem.s);
  const std::vector<float> factors(24, 1e30f);
  for (float& w : problem.weight) w *= 1e-33f;
  for (std::size_t i = 0; i < problem.weight.size(); ++i)
    scaled.weight[static_cast<std::int64_t>(i)] = problem.weight[static_cast<std::int64_t>(i)] * 1e30f;
  problem.factors = factors.data();
  const Floats y = compute(problem), expected = compute(scaled);
  for (std::int64_t o = 0; o < 24; ++o) {
    for (std::int64_t p = 0; p < 25; ++p) EXPECT_EQ(at(y, problem.s, 0, o, p), at(expected, problem.s, 0, o, p));
  }
}

TEST_F(ConvDigits, OfZerosAreTheBias) {
  for (const Window& window : {kPointwise, kSquare}) {
    for (const bool zero_weights : {false, true}) {
      Problem problem(make(2, {40, 24, 1}, 3, 5, window));
      problem.with_residual = false;
      std::ranges::fill(zero_weights ? problem.weight : problem.x, -0.0f);
      const Floats y = compute(problem);
      for (std::int64_t o = 0; o < 24; ++o) {
        for (std::int64_t p = 0; p < 30; ++p) EXPECT_EQ(at(y, problem.s, p / 15, o, p % 15), problem.bias[o]);
      }
    }
  }
}

TEST_F(ConvDigits, OfANaNOrAnInfinityAreNotFiniteInItsPixelAlone) {
  constexpr std::int64_t kChannels = 70, kPixels = 70, kBad = 33;
  for (const float bad : {kNaN, kInf, -kInf}) {
    for (const std::int64_t channel : {0, 15, 69}) {
      Problem problem = without_additions(make(1, {kChannels, 16, 1}, 1, kPixels, kPointwise));
      const Floats before = compute(problem);
      problem.x[channel * kPixels + kBad] = bad;
      const Floats y = compute(problem);
      for (std::int64_t o = 0; o < 16; ++o) {
        for (std::int64_t p = 0; p < kPixels; ++p) {
          const float value = at(y, problem.s, 0, o, p);
          if (p == kBad) {
            EXPECT_TRUE(std::isnan(value));
          } else {
            EXPECT_EQ(value, at(before, problem.s, 0, o, p));
          }
        }
      }
    }
  }
}

TEST_F(ConvDigits, OfANaNInAWindowAreNotFiniteInItsImageAlone) {
  Problem problem = without_additions(make(3, {40, 16, 1}, 6, 6, kSquare));
  const Floats before = compute(problem);
  problem.x[(1 * 40 + 17) * 36 + 20] = kNaN;
  const Floats y = compute(problem);
  for (std::int64_t o = 0; o < 16; ++o) {
    for (std::int64_t p = 0; p < 36; ++p) {
      EXPECT_TRUE(std::isnan(at(y, problem.s, 1, o, p)));
      for (const std::int64_t n : {0, 2}) EXPECT_EQ(at(y, problem.s, n, o, p), at(before, problem.s, n, o, p));
    }
  }
}

TEST_F(ConvDigits, OfInfiniteOrNaNWeightsAreNotFiniteInTheirChannelAlone) {
  for (const float bad : {kInf, kNaN}) {
    Problem problem = without_additions(make(1, {32, 16, 1}, 2, 3, kPointwise));
    problem.weight[3 * 32 + 5] = bad;
    const Floats y = compute(problem);
    for (std::int64_t o = 0; o < 16; ++o) {
      for (std::int64_t p = 0; p < 6; ++p) EXPECT_EQ(std::isfinite(at(y, problem.s, 0, o, p)), o != 3);
    }
  }
}

TEST_F(ConvDigits, AreTheSameWhereverAnImageLiesInTheBatch) {
  for (const Window& window : {kPointwise, kSquare, Window{3, 3, 2, 2, 1, 1, 1, 1}}) {
    constexpr std::int64_t kBatch = 5, kImage = 72 * 9 * 9;
    Problem all = without_additions(make(kBatch, {72, 40, 1}, 9, 9, window)),
            one = without_additions(make(1, {72, 40, 1}, 9, 9, window));
    const Floats together = compute(all);
    for (std::int64_t n = 0; n < kBatch; ++n) {
      std::copy_n(all.x.begin() + n * kImage, kImage, one.x.begin());
      const Floats alone = compute(one);
      for (std::int64_t o = 0; o < 40; ++o) {
        for (std::int64_t p = 0; p < one.s.out_h * one.s.out_w; ++p) {
          ASSERT_EQ(at(together, all.s, n, o, p), at(alone, one.s, 0, o, p)) << n << ", " << o << ", " << p;
        }
      }
    }
  }
}

}  // namespace
}  // namespace minnow::kernels
