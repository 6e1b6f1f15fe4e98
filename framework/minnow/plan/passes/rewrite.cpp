#include <minnow/plan/passes/passes.h>

namespace minnow {

void rewrite(Graph& graph, const PlanOptions& options) {
  if (options.drop_identities) drop_identities(graph);
  gather_fusable(graph);
  if (options.fold_batch_norm) fold_batch_norm(graph);
  if (options.fuse) fuse_epilogues(graph);
  graph.remove_dead_nodes();
}

}  // namespace minnow
