#pragma once

// AMX's tile registers of a thread, and the instructions that the kernels ask for. What the processor would refuse ends
// the program.

namespace emulated {

struct TileConfig {
  unsigned char palette, start_row, reserved[14];
  unsigned short row_bytes[16];
  unsigned char rows[16];
};

struct Tiles {
  TileConfig config;
  unsigned char data[8][16][64];
};
static thread_local constinit Tiles tiles{};

static inline void require(bool holds) {
  if (!holds) __builtin_trap();
}

static inline void load_config(const void* from) {
  __builtin_memcpy(&tiles.config, from, sizeof tiles.config);
  __builtin_memset(tiles.data, 0, sizeof tiles.data);
  require(tiles.config.palette <= 1);
  for (int t = 0; t < 8; ++t) require(tiles.config.rows[t] <= 16 && tiles.config.row_bytes[t] <= 64);
}

static inline void zero(int tile) {
  require(tiles.config.palette == 1);
  __builtin_memset(tiles.data[tile], 0, sizeof tiles.data[tile]);
}

static inline void load(int tile, const void* from, long stride) {
  zero(tile);
  for (int row = 0; row < tiles.config.rows[tile]; ++row) {
    __builtin_memcpy(tiles.data[tile][row], static_cast<const char*>(from) + row * stride,
                     tiles.config.row_bytes[tile]);
  }
}

static inline void store(int tile, void* to, long stride) {
  require(tiles.config.palette == 1);
  for (int row = 0; row < tiles.config.rows[tile]; ++row) {
    __builtin_memcpy(static_cast<char*>(to) + row * stride, tiles.data[tile][row], tiles.config.row_bytes[tile]);
  }
}

/// c += a * b: signed bytes, four of which make a sum of 32 bits.
static inline void multiply(int c, int a, int b) {
  const TileConfig& config = tiles.config;
  const int rows = config.rows[c], columns = config.row_bytes[c] / 4, depth = config.row_bytes[a] / 4;
  require(config.palette == 1 && c != a && a != b && b != c);
  require(config.rows[a] == rows && config.rows[b] == depth && config.row_bytes[b] / 4 == columns);
  for (int row = 0; row < rows; ++row) {
    int sums[16];
    __builtin_memcpy(sums, tiles.data[c][row], sizeof sums);
    for (int k = 0; k < depth; ++k) {
      const auto* x = reinterpret_cast<const signed char*>(tiles.data[a][row] + 4 * k);
      const auto* w = reinterpret_cast<const signed char*>(tiles.data[b][k]);
      for (int j = 0; j < columns; ++j) {
        const int sum = x[0] * w[4 * j] + x[1] * w[4 * j + 1] + x[2] * w[4 * j + 2] + x[3] * w[4 * j + 3];
        require(!__builtin_add_overflow(sums[j], sum, &sums[j]));  // the processor wraps around: nobody wants that
      }
    }
    __builtin_memcpy(tiles.data[c][row], sums, sizeof sums);
  }
}

}  // namespace emulated

static inline void _tile_loadconfig(const void* from) { emulated::load_config(from); }
static inline void _tile_storeconfig(void* to) {
  __builtin_memcpy(to, &emulated::tiles.config, sizeof(emulated::TileConfig));
}
static inline void _tile_zero(int tile) { emulated::zero(tile); }
static inline void _tile_loadd(int tile, const void* from, long stride) { emulated::load(tile, from, stride); }
static inline void _tile_stored(int tile, void* to, long stride) { emulated::store(tile, to, stride); }
static inline void _tile_dpbssd(int c, int a, int b) { emulated::multiply(c, a, b); }
