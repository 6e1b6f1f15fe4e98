#include <minnow/core/nearest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <numeric>
#include <utility>

namespace minnow {
namespace {

// The distances of a's beginnings as bits of two words, up where they grow by one and down where they shrink, a whole
// row at a time: Hyyro, "A bit-vector algorithm for computing Levenshtein and Damerau edit distances" (2003).
std::size_t bitwise_distance(std::string_view a, std::string_view b) {
  std::array<std::uint64_t, 256> equal{};
  for (std::size_t i = 0; i < a.size(); ++i) equal[static_cast<unsigned char>(a[i])] |= std::uint64_t{1} << i;
  const std::uint64_t last = std::uint64_t{1} << (a.size() - 1);
  std::uint64_t up = ~std::uint64_t{0}, down = 0;
  std::size_t distance = a.size();
  for (const char c : b) {
    const std::uint64_t same = equal[static_cast<unsigned char>(c)];
    const std::uint64_t diagonal = (((same & up) + up) ^ up) | same | down;
    std::uint64_t grows = down | ~(diagonal | up), shrinks = up & diagonal;
    distance += (grows & last) != 0;
    distance -= (shrinks & last) != 0;
    grows = grows << 1 | 1;
    up = shrinks << 1 | ~(diagonal | grows);
    down = grows & diagonal;
  }
  return distance;
}

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
  if (a.size() > b.size()) std::swap(a, b);
  if (a.empty()) return b.size();
  if (a.size() <= 64) return bitwise_distance(a, b);
  std::vector<std::size_t> row(b.size() + 1);  // distances of a's first i characters to every beginning of b
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0]++;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] != b[j]);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, diagonal + 1, row[j] + 1});
    }
  }
  return row.back();
}

std::vector<std::string> nearest_names(std::string_view name, std::span<const std::string> candidates,
                                       std::size_t count) {
  std::vector<std::pair<std::size_t, std::string>> near;
  for (const std::string& candidate : candidates) {
    const std::size_t distance = edit_distance(name, candidate);
    if (2 * distance <= std::max(name.size(), candidate.size())) near.emplace_back(distance, candidate);
  }
  std::stable_sort(near.begin(), near.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string> result;
  for (std::size_t i = 0; i < std::min(count, near.size()); ++i) result.push_back(std::move(near[i].second));
  return result;
}

}  // namespace minnow
