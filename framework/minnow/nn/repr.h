#pragma once

#include <string>

#include <minnow/core/export.h>
#include <minnow/ops/options.h>

namespace minnow::nn {

// Values as Python prints them, for Module::extra_repr.

inline std::string repr(bool value) { return value ? "True" : "False"; }
/// "0.1", "1.0", "1e-05": the fewest digits that give the number back.
MINNOW_API std::string repr(double value);
/// "3" where both are the same, else "(3, 1)".
MINNOW_API std::string repr(const Pair& pair);

}  // namespace minnow::nn
