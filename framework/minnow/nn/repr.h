#pragma once

#include <string>

#include <minnow/core/export.h>
#include <minnow/ops/options.h>

namespace minnow::nn {

// Values as Python prints them, for Module::extra_repr.

inline std::string repr(bool value) { return value ? "True" : "False"; }
/// "0.1", "1.0", "1e-05": the fewest digits that give the number back.
MINNOW_API std::string repr(double value);
/// As it was given: "3" or "(3, 3)".
MINNOW_API std::string repr(const Pair& pair);
/// As it was given: "7", "(7, 7)" or "(7, None)".
MINNOW_API std::string repr(const OutputSize& size);

/// As it was given: "2.0" or "(2.0, 1.5)".
MINNOW_API std::string repr(const ScaleFactor& factor);

}  // namespace minnow::nn
