#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <minnow/core/export.h>

namespace minnow {

/// How many characters must be inserted, removed or replaced to make `b` of `a` (Levenshtein).
MINNOW_API std::size_t edit_distance(std::string_view a, std::string_view b);

/// The candidates that `name` may have been meant to be, nearest first: at most `count`, and none of which more than
/// half differs. For error messages.
MINNOW_API std::vector<std::string> nearest_names(std::string_view name, std::span<const std::string> candidates,
                                                  std::size_t count = 3);

}  // namespace minnow
