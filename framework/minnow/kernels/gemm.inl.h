#pragma once

#include <minnow/kernels/gemm.h>
#include <minnow/kernels/lanes.inl.h>

namespace minnow::kernels {
namespace {

// The product is cut into blocks that the caches hold: kDepth of k at a time, so that a panel of b stays in the
// first-level cache and a block of a in the second. Panels are packed: a as [k][kTileRows], b as [k][kTileColumns],
// with zeros beyond the matrix. One tile of c is kTileRows rows by two vectors, whose sums fill the registers.

template <class A>
constexpr int kTileRows = kRegisters<A> == 32 ? 14 : 6;
template <class A>
constexpr int kTileColumns = 2 * kWidth<A>;

constexpr Index kDepth = 256;         // of k
constexpr Index kBlockRows = 84;      // of a: a multiple of every kTileRows
constexpr Index kBlockColumns = 512;  // of b: a multiple of every kTileColumns

/// One panel from a matrix whose rows are contiguous: packed[k][column].
template <class A, int Tile>
MINNOW_INLINE void pack_rows(const float* data, Index step, Index depth, Index columns, float* packed) {
  if (columns == Tile && Tile % kWidth<A> == 0) {
    for (Index k = 0; k < depth; ++k, data += step, packed += Tile) {
      unroll<Tile / kWidth<A>>([&](auto v) { store<A>(packed + v * kWidth<A>, load<A>(data + v * kWidth<A>)); });
    }
    return;
  }
  for (Index k = 0; k < depth; ++k, data += step, packed += Tile) {
    for (Index j = 0; j < Tile; ++j) packed[j] = j < columns ? data[j] : 0.0f;
  }
}

/// The same from one whose columns are contiguous: a transposition, four by four. The last four of a row may reach into
/// the next row, and the last row two floats beyond the panel: what belongs there is written later.
template <class A, int Tile>
MINNOW_INLINE void pack_columns(const float* data, Index step, Index depth, Index columns, float* packed) {
  const float* column[round_up(Tile, 4)];
  for (Index j = 0; j < round_up(Tile, 4); ++j) column[j] = data + smaller(j, columns - 1) * step;
  Index k = 0;
  for (; k + 4 <= depth; k += 4) {
    for (Index j = round_up(Tile, 4) - 4; j >= 0; j -= 4) {
      Vec<Quad> v[4];
      unroll<4>([&](auto i) { v[i] = load<Quad>(column[j + i] + k); });
      transpose4(v);
      unroll<4>([&](auto i) { store<Quad>(packed + (k + i) * Tile + j, v[i]); });
    }
  }
  for (; k < depth; ++k) {
    for (Index j = 0; j < Tile; ++j) packed[k * Tile + j] = column[j][k];
  }
}

/// Packs `columns` columns of m into panels of Tile columns, each [depth][Tile]; what lies beyond the last column is of
/// no consequence. (Rows of a are columns of its transpose.)
template <class A, int Tile>
void pack(Matrix m, Index depth, Index columns, float* packed) {
  for (Index j = 0; j < columns; j += Tile, packed += depth * Tile) {
    const float* data = m.data + j * m.column;
    const Index count = smaller(columns - j, Tile);
    if (m.column == 1) {
      pack_rows<A, Tile>(data, m.row, depth, count, packed);
    } else if (m.row == 1) {
      pack_columns<A, Tile>(data, m.column, depth, count, packed);
    } else {
      for (Index k = 0; k < depth; ++k) {
        for (Index i = 0; i < Tile; ++i) packed[k * Tile + i] = i < count ? data[k * m.row + i * m.column] : 0.0f;
      }
    }
  }
}

/// Where the sums of a tile go.
struct GemmTile {
  float* c;
  Index c_row;
  Index rows, columns;       // inside the matrix
  bool add;                  // to what c holds from smaller k
  const float* row_bias;     // of the first row, or null
  const float* column_bias;  // of the first column, or null
};

template <class A>
MINNOW_INLINE void store_gemm_tile(const GemmTile& t, Vec<A> (&acc)[kTileRows<A>][2]) {
  constexpr int W = kWidth<A>;
  const bool whole = t.columns == 2 * W;
  const Index counts[2] = {smaller(t.columns, W), t.columns > W ? t.columns - W : 0};
  const auto some = [&](const float* p, int v) {
    return whole || counts[v] == W ? load<A>(p + v * W) : load_first<A>(p + v * W, counts[v]);
  };
  Vec<A> column_bias[2] = {Vec<A>(0.0f), Vec<A>(0.0f)};
  if (t.column_bias) unroll<2>([&](auto v) { column_bias[v] = some(t.column_bias, v); });
  unroll<kTileRows<A>>([&](auto i) {
    if (i >= t.rows) return;
    float* c = t.c + i * t.c_row;
    unroll<2>([&](auto v) {
      Vec<A> sum = acc[i][v];
      if (t.add) sum = some(c, v) + sum;
      if (t.row_bias) sum += Vec<A>(t.row_bias[i]);
      if (t.column_bias) sum += column_bias[v];
      if (whole || counts[v] == W) {
        store<A>(c + v * W, sum);
      } else {
        store_first<A>(c + v * W, sum, counts[v]);
      }
    });
  });
}

/// The micro-kernel: `depth` times two vectors of b against kTileRows broadcast values of a.
template <class A>
void multiply_tile(const float* a, const float* b, Index depth, const GemmTile& t) {
  constexpr int W = kWidth<A>, R = kTileRows<A>;
  for (Index i = 0; i < t.rows; ++i) {
    __builtin_prefetch(t.c + i * t.c_row, 1);
    __builtin_prefetch(t.c + i * t.c_row + t.columns - 1, 1);
  }
  Vec<A> acc[R][2];
  unroll<R>([&](auto i) { unroll<2>([&](auto v) { acc[i][v] = Vec<A>(0.0f); }); });
  for (Index k = 0; k < depth; ++k, a += R, b += 2 * W) {
    const Vec<A> b0 = load<A>(b), b1 = load<A>(b + W);
    unroll<R>([&](auto i) {
      const Vec<A> value(a[i]);
      acc[i][0] = fma<A>(value, b0, acc[i][0]);
      acc[i][1] = fma<A>(value, b1, acc[i][1]);
    });
  }
  store_gemm_tile<A>(t, acc);
}

/// Room for both packed blocks, to align them to 64 bytes, and for what pack_columns writes beyond the last panel.
template <class A>
std::int64_t gemm_scratch(std::int64_t, std::int64_t, std::int64_t k) {
  return smaller(k, kDepth) * (kBlockRows + kBlockColumns) + 16 + 2;
}

template <class A>
void gemm(const GemmArgs& g) {
  constexpr int R = kTileRows<A>, C = kTileColumns<A>;
  static_assert(kBlockRows % R == 0 && kBlockColumns % C == 0);
  float* packed_b = g.scratch;
  while (reinterpret_cast<std::uintptr_t>(packed_b) % 64 != 0) ++packed_b;
  float* packed_a = packed_b + smaller(g.k, kDepth) * kBlockColumns;

  for (Index j0 = g.first_column; j0 < g.last_column; j0 += kBlockColumns) {
    const Index columns = smaller(g.last_column - j0, kBlockColumns);
    Index k0 = 0;
    do {  // once for an empty k as well: c becomes the bias
      const Index depth = smaller(g.k - k0, kDepth);
      const bool last = k0 + depth == g.k;
      pack<A, C>({g.b.data + k0 * g.b.row + j0 * g.b.column, g.b.row, g.b.column}, depth, columns, packed_b);
      for (Index i0 = g.first_row; i0 < g.last_row; i0 += kBlockRows) {
        const Index rows = smaller(g.last_row - i0, kBlockRows);
        pack<A, R>({g.a.data + i0 * g.a.row + k0 * g.a.column, g.a.column, g.a.row}, depth, rows, packed_a);
        for (Index j = 0; j < columns; j += C) {
          for (Index i = 0; i < rows; i += R) {
            const GemmTile tile = {g.c + (i0 + i) * g.c_row + j0 + j,
                                   g.c_row,
                                   smaller(rows - i, R),
                                   smaller(columns - j, C),
                                   k0 > 0,
                                   last && g.row_bias ? g.row_bias + i0 + i : nullptr,
                                   last && g.column_bias ? g.column_bias + j0 + j : nullptr};
            multiply_tile<A>(packed_a + i * depth, packed_b + j * depth, depth, tile);
          }
        }
      }
      k0 += depth;
    } while (k0 < g.k);
  }
}

}  // namespace
}  // namespace minnow::kernels
