#pragma once

#include <cstdint>

namespace minnow::kernels {

/// A matrix in memory: element (i, j) is data[i * row + j * column]. A transposed one swaps the two steps.
struct Matrix {
  const float* data;
  std::int64_t row, column;
};

/// c = a b + row_bias + column_bias, where a is [m, k], b is [k, n] and c is [m, n], its rows `c_row` floats apart and
/// contiguous themselves. A call computes the rows first_row to last_row and the columns first_column to last_column;
/// the bits of an element depend on m, n, k and the data, never on how the ranges were cut.
struct GemmArgs {
  std::int64_t m, n, k;
  Matrix a, b;
  float* c;
  std::int64_t c_row;
  const float* row_bias = nullptr;     // [m], or none
  const float* column_bias = nullptr;  // [n], or none
  std::int64_t first_row = 0, last_row = 0, first_column = 0, last_column = 0;
  float* scratch = nullptr;  // gemm_scratch(m, n, k) floats of this thread's own
};

}  // namespace minnow::kernels
