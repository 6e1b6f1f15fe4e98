#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include <minnow/ops/kernels.h>
#include <minnow/ops/scratch.h>

namespace minnow::detail {

/// `matrices` products of the same size, in parallel. product(i) gives the operands of the i-th and where it goes.
template <class Product>
void multiply(std::int64_t matrices, Product product) {
  if (matrices == 0) return;
  const auto [m, n, k] = [&] {
    const kernels::GemmArgs first = product(0);
    return std::array{first.m, first.n, first.k};
  }();
  if (m == 0 || n == 0) return;
  const kernels::Table& table = kernels::table();
  const bool by_rows = m >= n;  // what each matrix is cut along, in pieces of `piece`
  const std::int64_t length = by_rows ? m : n, piece = 64, pieces = (length + piece - 1) / piece;
  const std::int64_t work = std::min(length, piece) * std::min(m, n) * std::max<std::int64_t>(k, 1);
  const std::int64_t bytes = table.gemm_scratch(m, n, k) * size_of(DType::float32);
  parallel_for_with_scratch(matrices * pieces, grain_of(work, 1 << 16), bytes,
                            [&](std::byte* scratch, std::int64_t first, std::int64_t last) {
                              while (first < last) {  // what of the range lies in one matrix
                                const std::int64_t at = first % pieces, count = std::min(pieces - at, last - first);
                                const std::int64_t begin = at * piece, end = std::min((at + count) * piece, length);
                                kernels::GemmArgs args = product(first / pieces);
                                args.first_row = by_rows ? begin : 0;
                                args.last_row = by_rows ? end : args.m;
                                args.first_column = by_rows ? 0 : begin;
                                args.last_column = by_rows ? args.n : end;
                                args.scratch = reinterpret_cast<float*>(scratch);
                                table.gemm(args);
                                first += count;
                              }
                            });
}

}  // namespace minnow::detail
