#include <algorithm>
#include <numeric>

#include <minnow/plan/arena.h>

namespace minnow {
namespace {

constexpr std::int64_t kBufferAlignment = 64;

}  // namespace

ArenaLayout place(std::span<const Lifetime> buffers) {
  const auto at = [&](std::size_t i) { return buffers[i]; };
  const auto size = [&](std::size_t i) {
    return (at(i).bytes + kBufferAlignment - 1) / kBufferAlignment * kBufferAlignment;
  };
  std::vector<std::size_t> order(buffers.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return size(a) > size(b); });

  ArenaLayout result{std::vector<std::int64_t>(buffers.size()), 0};
  std::vector<std::size_t> placed;  // by offset
  for (const std::size_t i : order) {
    std::int64_t end = 0, best = -1, tightest = 0;
    for (const std::size_t other : placed) {
      if (at(other).last < at(i).first || at(other).first > at(i).last) continue;
      const std::int64_t gap = result.offsets[other] - end;
      if (gap >= size(i) && (best < 0 || gap < tightest)) {
        best = end;
        tightest = gap;
      }
      end = std::max(end, result.offsets[other] + size(other));
    }
    result.offsets[i] = best < 0 ? end : best;
    result.bytes = std::max(result.bytes, result.offsets[i] + size(i));
    const auto behind = std::find_if(placed.begin(), placed.end(),
                                     [&](std::size_t other) { return result.offsets[other] > result.offsets[i]; });
    placed.insert(behind, i);
  }
  return result;
}

}  // namespace minnow
