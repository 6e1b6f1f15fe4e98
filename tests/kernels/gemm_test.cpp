#include <minnow/kernels/gemm.h>

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "kernels/isa.h"

namespace minnow::kernels {
namespace {

class Gemm : public IsaTest {
 protected:
  // Runs the ranges given as {first row, last row, first column, last column}.
  void run(GemmArgs args, std::vector<std::array<std::int64_t, 4>> ranges) const {
    for (auto [first_row, last_row, first_column, last_column] : ranges) {
      Floats scratch(table().gemm_scratch(args.m, args.n, args.k), kNaN);
      args.first_row = first_row, args.last_row = last_row;
      args.first_column = first_column, args.last_column = last_column;
      args.scratch = scratch.data();
      table().gemm(args);
      EXPECT_TRUE(scratch.intact());
    }
  }
};

constexpr std::int64_t kSizes[][3] = {{1, 1, 1},    {1, 17, 5},     {17, 1, 9},   {6, 16, 8},
                                      {14, 32, 3},  {13, 31, 257},  {29, 70, 33}, {1, 1000, 64},
                                      {64, 1, 300}, {200, 40, 512}, {5, 530, 17}, {3, 4, 0}};

// op(a), op(b) as they lie in memory when transposed or not.
Matrix matrix(const Floats& x, std::int64_t rows, std::int64_t columns, bool transposed) {
  return transposed ? Matrix{x.data(), 1, rows} : Matrix{x.data(), columns, 1};
}

TEST_P(Gemm, AgreesWithDoublesForEveryLayoutAndBias) {
  for (const auto& [m, n, k] : kSizes) {
    for (int kind = 0; kind < 8; ++kind) {
      const bool a_transposed = kind & 1, b_transposed = kind & 2, biased = kind & 4;
      const Floats a = Floats::random(m * k, 1), b = Floats::random(k * n, 2);
      const Floats row_bias = Floats::random(m, 3), column_bias = Floats::random(n, 4);
      const std::int64_t c_row = n + 3;
      Floats c(m * c_row, 77.0f);
      GemmArgs args{m, n, k, matrix(a, m, k, a_transposed), matrix(b, k, n, b_transposed), c.data(), c_row};
      if (biased) args.row_bias = row_bias.data(), args.column_bias = column_bias.data();
      run(args, {{0, m, 0, n}});
      for (std::int64_t i = 0; i < m; ++i) {
        for (std::int64_t j = 0; j < n; ++j) {
          double sum = biased ? static_cast<double>(row_bias[i]) + column_bias[j] : 0.0;
          double size = 1;
          for (std::int64_t l = 0; l < k; ++l) {
            const double product = static_cast<double>(args.a.data[i * args.a.row + l * args.a.column]) *
                                   args.b.data[l * args.b.row + j * args.b.column];
            sum += product;
            size += std::abs(product);
          }
          ASSERT_NEAR(c[i * c_row + j], sum, 1e-6 * size) << m << " x " << n << " x " << k << ", kind " << kind;
        }
        for (std::int64_t j = n; j < c_row; ++j) ASSERT_EQ(c[i * c_row + j], 77.0f);
      }
      EXPECT_TRUE(c.intact());
    }
  }
}

TEST_P(Gemm, HasTheSameBitsHoweverItIsCut) {
  for (const auto& [m, n, k] : kSizes) {
    const Floats a = Floats::random(m * k, 1), b = Floats::random(k * n, 2), bias = Floats::random(n, 3);
    for (bool transposed : {false, true}) {
      Floats whole(m * n), parts(m * n);
      GemmArgs args{m, n, k, matrix(a, m, k, false), matrix(b, k, n, transposed), whole.data(), n};
      args.column_bias = bias.data();
      run(args, {{0, m, 0, n}});
      args.c = parts.data();
      const std::int64_t row = m / 3, column = n * 2 / 3;
      run(args, {{0, row, 0, column}, {row, m, 0, column}, {0, m, column, n}});
      EXPECT_EQ(std::memcmp(whole.data(), parts.data(), whole.size() * sizeof(float)), 0)
          << m << " x " << n << " x " << k;
    }
  }
}

TEST_P(Gemm, NaNAndInfinitySpreadOverTheirRowOrColumnOnly) {
  const std::int64_t m = 9, n = 21, k = 19;
  Floats a = Floats::random(m * k, 1, 0.1f, 1), b = Floats::random(k * n, 2, 0.1f, 1), c(m * n);
  a[4 * k + 7] = kNaN;
  b[3 * n + 20] = kInf;
  run({m, n, k, matrix(a, m, k, false), matrix(b, k, n, false), c.data(), n}, {{0, m, 0, n}});
  for (std::int64_t i = 0; i < m; ++i) {
    for (std::int64_t j = 0; j < n; ++j) {
      const float value = c[i * n + j];
      EXPECT_TRUE(i == 4 ? std::isnan(value) : j == 20 ? value == kInf : std::isfinite(value)) << i << ", " << j;
    }
  }
}

TEST_P(Gemm, ZeroTimesInfinityIsNaN) {
  Floats a(1, 0.0f), b(1, kInf), c(1);
  run({1, 1, 1, matrix(a, 1, 1, false), matrix(b, 1, 1, false), c.data(), 1}, {{0, 1, 0, 1}});
  EXPECT_TRUE(std::isnan(c[0]));
}

MINNOW_ON_EVERY_ISA(Gemm);

}  // namespace
}  // namespace minnow::kernels
