#pragma once

#include <minnow/kernels/conv_window.inl.h>
#include <minnow/kernels/winograd_transform.inl.h>

namespace minnow::kernels {
namespace {

/// The windows of T x T weights of a vector of output channels, `first` the first one, for one input channel each,
/// whose number in its group of `group` is in(lane): [row][column][lane]. Lanes of no channel are zero.
template <class A, int T, class In>
MINNOW_INLINE void gather_windows(const ConvWeights& weight, Index out_channels, Index group, Index first, const In& in,
                                  float (&lanes)[T][T][kWidth<A>]) {
  zero_floats(lanes[0][0], T * T * kWidth<A>);
  for (Index lane = 0; lane < kWidth<A> && first + lane < out_channels; ++lane) {
    const Index out = first + lane;
    const float* from = weight.values + (out * group + in(lane)) * T * T;
    const float factor = weight.factor(out);
    unroll<T>([&](auto h) { unroll<T>([&](auto w) { lanes[h][w][lane] = from[h * T + w] * factor; }); });
  }
}

/// Transforms such windows: store(i, j, v) takes what belongs to row i and column j of a tile of E x E places.
template <class A, int E, int T, class Store>
MINNOW_INLINE void transform_windows(const float (&lanes)[T][T][kWidth<A>], const Store& store) {
  Vec<A> half[T][E];  // transformed along the columns: [kernel column][row]
  unroll<T>([&](auto w) {
    Vec<A> g[T];
    unroll<T>([&](auto h) { g[h] = load<A>(lanes[h][w]); });
    Winograd<E>::weight(g, half[w]);
  });
  for (Index i = 0; i < E; ++i) {
    Vec<A> g[T], t[E];
    unroll<T>([&](auto w) { g[w] = half[w][i]; });
    Winograd<E>::weight(g, t);
    unroll<E>([&](auto j) { store(i, j, t[j]); });
  }
}

/// An image cut into Winograd's tiles: of E x E places, where pixels are multiplied with the weights of T x T taps, for
/// M x M pixels of the output. The last row and column of tiles leave out the places that their fewer pixels do not
/// need.
template <int E, int T>
struct WinogradTiles {
  static constexpr int M = E - T + 1;

  /// The tiles along a side of the image. The last one may have fewer pixels, and then has fewer points, if that saves
  /// more than a 32nd of the places along the side.
  struct Side {
    Index tiles;
    int last_pixels, last_points = E;
    explicit Side(Index pixels) : tiles(ceil_div(pixels, M)), last_pixels(static_cast<int>(pixels - (tiles - 1) * M)) {
      if (32 * (M - last_pixels) > E * tiles) last_points = last_pixels + T - 1;
    }
    int pixels(Index tile) const { return tile + 1 < tiles ? M : last_pixels; }
    int points(Index tile) const { return tile + 1 < tiles ? E : last_points; }
    /// Whether the last tile leaves out the i-th row or column of places.
    bool drops(Index i) const { return !used(i, last_points); }
  };
  /// Whether one of so many points is at row or column i of a tile.
  static constexpr bool used(Index i, int points) { return i < points - 1 || i == E - 1; }

  struct Tile {
    Index n, row, column;
    Index number[2][2];  // in its chunk: [1] leaves out the last row of tiles, [][1] the last column
  };

  Side rows, columns;

  WinogradTiles(Index out_h, Index out_w) : rows(out_h), columns(out_w) {}

  Index tiles() const { return rows.tiles * columns.tiles; }
  /// Whether tiles leave out places.
  bool edged() const { return rows.last_points < E || columns.last_points < E; }

  /// Tile `tile` of a batch, counted as the first of its chunk.
  Tile tile(Index tile) const { return {tile / tiles(), tile / columns.tiles % rows.tiles, tile % columns.tiles, {}}; }
  void advance(Tile& t) const {
    const bool row_ends = t.column + 1 == columns.tiles, last_row = t.row + 1 == rows.tiles;
    for (Index i = 0; i < 2; ++i) {
      for (Index j = 0; j < 2; ++j) t.number[i][j] += (i == 1 && last_row) || (j == 1 && row_ends) ? 0 : 1;
    }
    ++t.column;
    if (row_ends) t.column = 0, ++t.row;
    if (row_ends && last_row) t.row = 0, ++t.n;
  }
};

}  // namespace
}  // namespace minnow::kernels
