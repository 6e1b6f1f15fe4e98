#pragma once

#include <minnow/graph/graph.h>
#include <minnow/plan/options.h>

namespace minnow {

/// The passes, in the order in which they run. Each rewrites the graph in place and leaves it one that `run` can
/// evaluate with the same results, but for rounding.

/// Drops nodes that change nothing: views that keep the shape, x - 0 and x + -0 (x + 0 turns -0 into 0), x * 1, x / 1.
void drop_identities(Graph& graph);
/// Makes each convolution and each linear layer on [N, C] a FusedOp.
void gather_fusable(Graph& graph);
/// Batch norm behind a FusedOp becomes its scale and shift; elsewhere it becomes a multiplication and an addition.
void fold_batch_norm(Graph& graph);
/// Additions of a residual, and relu, relu6 and clamp, join the FusedOp before them. It is computed where the addition
/// was, after a residual that comes later.
void fuse_epilogues(Graph& graph);

/// All of them, as far as the options say.
void rewrite(Graph& graph, const PlanOptions& options);

}  // namespace minnow
