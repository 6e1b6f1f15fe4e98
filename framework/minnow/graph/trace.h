#pragma once

#include <functional>
#include <span>

#include <minnow/core/export.h>
#include <minnow/graph/graph.h>

namespace minnow {

/// Runs `function` with symbolic tensors of the given shapes and records the ops that it applies to them. What it
/// computes from other tensors, such as weights, is computed now and enters the graph as constants. Throws where
/// `function` needs the values of its inputs, or reads a view of a tensor that it has overwritten meanwhile.
/// Overwriting is what +=, -=, *= and /= do: writes to span() and data() while it runs go unseen.
MINNOW_API Graph trace(const std::function<std::vector<Tensor>(std::span<const Tensor>)>& function,
                       std::span<const TensorSpec> inputs);

}  // namespace minnow
