#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <minnow/graph/graph.h>
#include <minnow/kernels/conv.h>
#include <minnow/plan/arena.h>

namespace minnow {

/// How a step computes its output from the top down, some rows of an image at a time.
struct Rowwise {
  std::int64_t images = 1, height = 0;            // of the output; no height: as a whole only
  std::int64_t in_height = 0;                     // of the input
  std::int64_t stride = 1, reach = 1, above = 0;  // row i reads `reach` rows, from row i * stride - above on
  ValueId x = -1, residual = -1, y = -1;
  std::int64_t row_bytes = 0;  // of the output, all channels
  bool handed_on = false;      // the next step, as its x, is the only one to read the output

  bool by_rows() const { return height > 0; }
  /// The first row of the input that output rows from `row` on read, and the end of those that rows before `end` read.
  std::int64_t reads_from(std::int64_t row) const;
  std::int64_t reads_until(std::int64_t end) const;
};

/// Steps [first, last), which take turns.
struct Band {
  std::size_t first = 0, last = 0;
  bool operator==(const Band&) const = default;
};

/// The steps that hand each other more than `least_bytes` of an image, one to the next: so that rows are read while the
/// cache still holds them, they are to run together, some rows of each at a time. A band ends where `cache_bytes` do
/// not hold what two rows of its last step want. It has at most three arrays that others read, too, and that are there
/// as a whole; for several threads none, and 16 rows of each step for each. No band reaches over the beginning of step
/// `cut`. A pure function.
std::vector<Band> bands_of(std::span<const Rowwise> steps, std::int64_t least_bytes, std::int64_t cache_bytes,
                           int threads, std::size_t cut = 0);

/// Some rows of one step. Where its output has a window, first `kept` rows of that, from `kept_from` on, become its
/// uppermost.
struct Turn {
  std::size_t step = 0;
  std::int64_t image = 0;
  kernels::ConvRows rows{};
  std::int64_t kept_from = 0, kept = 0;
};

/// A band's turns. Threads share the rows of its last step, each with windows of its own.
struct BandTurns {
  std::vector<std::vector<Turn>> of_thread;
  std::vector<std::int64_t> window_rows;  // that the output of each step keeps: 0 where it is there as a whole
};

/// The turns of a band, of as many rows as `cache_bytes` allow: the rows between two of its steps that nobody else
/// reads move through a window of a few rows. Each turn reads only what was computed before. A pure function.
BandTurns turns_of(std::span<const Rowwise> steps, const Band& band, std::int64_t cache_bytes, int threads);

/// Lets what a band touches live as long as the band does.
void outlive(std::span<Lifetime> lives, std::span<const Band> bands);

}  // namespace minnow
