#include <minnow/kernels/reduce.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "kernels/isa.h"

namespace minnow::kernels {
namespace {

constexpr Reduce kReductions[] = {Reduce::sum, Reduce::mean, Reduce::max, Reduce::min};

class Reductions : public IsaTest {};

double reference(Reduce op, const Floats& x, std::int64_t start, std::int64_t n, std::int64_t step) {
  double sum = 0, greatest = -kInf, least = kInf;
  for (std::int64_t r = 0; r < n; ++r) {
    const double value = x[start + r * step];
    sum += value;
    greatest = std::max(greatest, value);
    least = std::min(least, value);
  }
  return op == Reduce::sum    ? sum
         : op == Reduce::mean ? sum / static_cast<double>(n)
         : op == Reduce::max  ? greatest
                              : least;
}

TEST_P(Reductions, AgreeWithDoublesOverContiguousAndStridedDimensions) {
  for (Reduce op : kReductions) {
    for (auto [outer, reduce, inner] : {std::array<std::int64_t, 3>{1, 1, 1},
                                        {3, 7, 1},
                                        {2, 67, 1},
                                        {1, 5003, 1},
                                        {2, 5, 3},
                                        {1, 33, 8},
                                        {2, 3, 37},
                                        {1, 3000, 5},
                                        {4, 1, 9},
                                        {0, 3, 3},
                                        {3, 4, 0}}) {
      const Floats x = Floats::random(outer * reduce * inner, 5, 0, 1);
      Floats out(outer * inner);
      table().reduce({op, x.data(), out.data(), outer, reduce, inner});
      for (std::int64_t i = 0; i < outer * inner; ++i) {
        const double expected = reference(op, x, i / inner * reduce * inner + i % inner, reduce, inner);
        const double tolerance = op == Reduce::max || op == Reduce::min ? 0 : 3e-7 * expected;
        ASSERT_NEAR(out[i], expected, tolerance) << "[" << outer << ", " << reduce << ", " << inner << "] at " << i;
      }
      EXPECT_TRUE(out.intact());
    }
  }
}

TEST_P(Reductions, SumAMillionOnesExactlyAndTenthsToAFewRoundings) {
  const std::int64_t n = 1'000'003;
  float total = 0;
  const Floats ones(n, 1.0f), tenths(n, 0.1f);
  table().reduce({Reduce::sum, ones.data(), &total, 1, n, 1});
  EXPECT_EQ(total, 1'000'003.0f);
  table().reduce({Reduce::sum, tenths.data(), &total, 1, n, 1});
  EXPECT_NEAR(total / (static_cast<double>(0.1f) * n), 1, 2e-7);
}

TEST_P(Reductions, ANaNAnywhereReachesTheResult) {
  for (Reduce op : kReductions) {
    for (std::int64_t inner : {1, 3}) {
      for (std::int64_t place = 0; place < 41; ++place) {
        Floats x = Floats::random(41 * inner, 1), out(inner);
        x[place * inner] = kNaN;
        table().reduce({op, x.data(), out.data(), 1, 41, inner});
        EXPECT_TRUE(std::isnan(out[0])) << place;
        EXPECT_FALSE(inner > 1 && std::isnan(out[1])) << place;
      }
    }
  }
}

TEST_P(Reductions, OfNothingAreTheNeutralElements) {
  const float expected[] = {0.0f, kNaN, -kInf, kInf};
  for (std::int64_t inner : {1, 3}) {
    for (Reduce op : kReductions) {
      Floats x(0), out(inner, 7.0f);
      table().reduce({op, x.data(), out.data(), 1, 0, inner});
      const float wanted = expected[static_cast<int>(op)];
      for (float f : out) EXPECT_TRUE(f == wanted || (std::isnan(f) && std::isnan(wanted))) << f;
    }
  }
}

MINNOW_ON_EVERY_ISA(Reductions);

}  // namespace
}  // namespace minnow::kernels
