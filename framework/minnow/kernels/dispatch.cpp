#include <minnow/kernels/core.h>
#include <minnow/kernels/dispatch.h>

namespace minnow::kernels {
namespace {

// Each condition asks for every feature that kernels.cmake enables; the operating system's consent is part of the
// answer.
#if defined(__x86_64__)
[[maybe_unused]] bool has_avx2() { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }

#if defined(MINNOW_EMULATED)
[[maybe_unused]] bool has_avx512() { return has_avx2(); }
[[maybe_unused]] bool has_tiles() { return true; }
#else
[[maybe_unused]] bool has_avx512() {
  return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512cd") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
}
[[maybe_unused]] bool has_tiles() { return acquire_tiles(); }
#endif
#endif

#if defined(MINNOW_KERNELS_amx)
bool has_amx() { return has_avx512() && has_tiles(); }

const Table& amx() {
  static const Table table = [] {
    Table t = avx512;
    t.name = "amx";
    t.conv[ConvAlgorithm::digits_pointwise] = amx_digits_pointwise;
    t.conv[ConvAlgorithm::digits] = amx_digits;
    return t;
  }();
  return table;
}
#endif

template <const Table& table>
const Table& constant() {
  return table;
}

bool always() { return true; }

struct Candidate {
  const Table& (*table)();
  bool (*runs)();
};

// Best first; the last always works.
constexpr Candidate kCandidates[] = {
#if defined(MINNOW_KERNELS_amx)
    {amx, has_amx},
#endif
#if defined(MINNOW_KERNELS_avx512)
    {constant<avx512>, has_avx512},
#endif
#if defined(MINNOW_KERNELS_avx2)
    {constant<avx2>, has_avx2},
#endif
#if defined(MINNOW_KERNELS_sse2)
    {constant<sse2>, always},
#endif
#if defined(MINNOW_KERNELS_neon64)
    {constant<neon64>, always},
#endif
};
constexpr std::size_t kCount = sizeof(kCandidates) / sizeof(kCandidates[0]);

struct List {
  const Table* tables[kCount];
  std::size_t count = 0;

  explicit List(bool only_runnable) {
    for (const Candidate& candidate : kCandidates) {
      if (!only_runnable || candidate.runs()) tables[count++] = &candidate.table();
    }
  }
};

bool same(const char* a, const char* b) {
  while (*a != '\0' && *a == *b) ++a, ++b;
  return *a == *b;
}

}  // namespace

Tables built() {
  static const List list(false);
  return {list.tables, list.count};
}

Tables runnable() {
  static const List list(true);
  return {list.tables, list.count};
}

bool runs(const Table& table) {
  for (const Candidate& candidate : kCandidates) {
    if (&candidate.table() == &table) return candidate.runs();
  }
  return false;
}

const Table* find(Tables list, const char* name) {
  for (const Table* table : list) {
    if (same(table->name, name)) return table;
  }
  return nullptr;
}

double multiply_adds_a_cycle(const Table& table) {
  return same(table.name, "avx512") && core() == Core::zen3_or_4 ? 1 : 2;
}

bool adds_beside_multiply_adds(const Table& table) { return same(table.name, "avx512") && core() != Core::other; }

}  // namespace minnow::kernels
