#pragma once

#include <minnow/kernels/table.h>

#include <cstddef>

namespace minnow::kernels {

/// A list of tables, best first.
struct Tables {
  const Table* const* first;
  std::size_t count;

  const Table* const* begin() const { return first; }
  const Table* const* end() const { return first + count; }
  const Table& operator[](std::size_t i) const { return *first[i]; }
  std::size_t size() const { return count; }
};

/// Every table of this build.
Tables built();

/// The tables that this machine can run; never empty.
Tables runnable();

/// Whether this machine can run a table of this build.
bool runs(const Table& table);

/// The table of that name in the list, or nullptr.
const Table* find(Tables list, const char* name);

/// How many multiply-adds of the table's vectors a core of this machine does in a cycle: two; Zen 4, whose vector units
/// are half as wide as AVX-512's vectors, does one.
double multiply_adds_a_cycle(const Table& table);

/// Whether it does as many additions of them beside, and the table's kernels make use of that: Zen 4 and 5 with
/// AVX-512.
bool adds_beside_multiply_adds(const Table& table);

}  // namespace minnow::kernels
