#include <minnow/kernels/softmax.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "kernels/isa.h"

namespace minnow::kernels {
namespace {

class Softmax : public IsaTest {};

TEST_P(Softmax, AgreesWithDoublesOverContiguousAndStridedDimensions) {
  for (bool log : {false, true}) {
    for (auto [outer, n, inner] : {std::array<std::int64_t, 3>{1, 1, 1},
                                   {3, 10, 1},
                                   {2, 1000, 1},
                                   {1, 17, 1},
                                   {2, 5, 3},
                                   {1, 21, 19},
                                   {0, 3, 2},
                                   {2, 3, 0}}) {
      const Floats x = Floats::random(outer * n * inner, 7, -20, 20);
      Floats out(outer * n * inner);
      table().softmax({x.data(), out.data(), outer, n, inner, log});
      for (std::int64_t row = 0; row < outer * inner; ++row) {
        const std::int64_t start = row / inner * n * inner + row % inner;
        double greatest = -kInf, total = 0;
        for (std::int64_t r = 0; r < n; ++r) greatest = std::max<double>(greatest, x[start + r * inner]);
        for (std::int64_t r = 0; r < n; ++r) total += std::exp(x[start + r * inner] - greatest);
        for (std::int64_t r = 0; r < n; ++r) {
          const double shifted = x[start + r * inner] - greatest;
          const double expected = log ? shifted - std::log(total) : std::exp(shifted) / total;
          ASSERT_NEAR(out[start + r * inner], expected, 2e-6 * (log ? 1 + std::abs(expected) : 1)) << row << " " << r;
        }
      }
      EXPECT_TRUE(out.intact());
    }
  }
}

TEST_P(Softmax, ARowOfMinusInfinityIsNaNAndItsNeighbourIsNot) {
  for (bool log : {false, true}) {
    Floats x(22, -kInf), out(22);
    for (std::int64_t i = 11; i < 22; ++i) x[i] = 1.0f;
    table().softmax({x.data(), out.data(), 2, 11, 1, log});
    for (std::int64_t i = 0; i < 11; ++i) EXPECT_TRUE(std::isnan(out[i]));
    for (std::int64_t i = 11; i < 22; ++i) EXPECT_NEAR(out[i], log ? std::log(1 / 11.0) : 1 / 11.0, 1e-6);
  }
}

TEST_P(Softmax, LargeValuesDoNotOverflowAndMinusInfinityAmongThemIsZero) {
  Floats x(3), out(3);
  x[0] = 1e30f, x[1] = -kInf, x[2] = 1e30f;
  table().softmax({x.data(), out.data(), 1, 3, 1, false});
  EXPECT_EQ(out[0], 0.5f);
  EXPECT_EQ(out[1], 0.0f);
  EXPECT_EQ(out[2], 0.5f);
}

MINNOW_ON_EVERY_ISA(Softmax);

}  // namespace
}  // namespace minnow::kernels
