#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <minnow/graph/graph.h>
#include <minnow/plan/arena.h>

namespace minnow {

/// How a step computes its output from the top down, some rows of an image at a time.
struct RowParts {
  std::int64_t images = 1, height = 0;  // of the output
  std::int64_t rows = 0;                // of a part; the last part of an image may have fewer. 0: as a whole only
  std::int64_t in_height = 0;           // of the input
  std::int64_t stride = 1, reach = 1;   // n rows take the first (n - 1) * stride + reach rows of the input
  ValueId x = -1, residual = -1, y = -1;
  std::int64_t y_bytes = 0;

  /// Parts an image.
  std::int64_t parts() const { return rows > 0 ? (height + rows - 1) / rows : 1; }
};

/// Steps [first, last), which take turns.
struct Band {
  std::size_t first = 0, last = 0;
  bool operator==(const Band&) const = default;
};

/// The steps that hand each other more than `cache_bytes` of an image, one to the next: so that rows are read while the
/// cache still holds them, they are to run together, some rows of each at a time. A band has up to four steps, and none
/// reaches over the beginning of step `cut`. A pure function.
std::vector<Band> bands_of(std::span<const RowParts> steps, std::int64_t cache_bytes, std::size_t cut = 0);

/// One step's parts [first, last), counted over all images.
struct Turn {
  std::size_t step = 0;
  std::int64_t first = 0, last = 1;
  bool operator==(const Turn&) const = default;
};

/// The order in which everything is computed: step after step, but for the bands, in which each part of the last step
/// follows as soon as what it reads is there. Each part has one turn. A pure function.
std::vector<Turn> turns_of(std::span<const RowParts> steps, std::span<const Band> bands);

/// Lets what a band touches live as long as the band does.
void outlive(std::span<Lifetime> lives, std::span<const Band> bands);

}  // namespace minnow
