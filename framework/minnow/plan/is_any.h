#pragma once

#include <minnow/ops/op.h>

namespace minnow {

/// Whether the op is of one of these classes.
template <class... Ops>
bool is_any(const Op& op) {
  return (dynamic_cast<const Ops*>(&op) || ...);
}

}  // namespace minnow
