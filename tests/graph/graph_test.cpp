#include <gmock/gmock.h>

#include <minnow/graph/trace.h>
#include <minnow/ops/binary.h>
#include <minnow/ops/unary.h>

#include "support.h"

namespace minnow {
namespace {

using testing::ElementsAre;

// %0 -> relu %1 -> add(%1, %1) %2 -> sigmoid %3; out come %3 and %1
Graph diamond() {
  const TensorSpec spec{{2, 2}};
  return trace(
      [](std::span<const Tensor> x) {
        const Tensor y = relu(x[0]);
        return std::vector<Tensor>{sigmoid(y + y), y};
      },
      {&spec, 1});
}

TEST(Graph, KnowsWhoReadsAndWhoComputesEachValue) {
  const Graph graph = diamond();
  EXPECT_THAT(graph.count_uses(), ElementsAre(1, 3, 1, 1));
  EXPECT_THAT(graph.producers(), ElementsAre(-1, 0, 1, 2));
}

TEST(Graph, ReplacesAValueWhereverItIsRead) {
  Graph graph = diamond();
  graph.replace_uses(1, 0);
  EXPECT_THAT(graph.count_uses(), ElementsAre(4, 0, 1, 1));
  EXPECT_THAT(graph.outputs, ElementsAre(3, 0));
  graph.remove_dead_nodes();
  EXPECT_THAT(graph.producers(), ElementsAre(-1, -1, 0, 1));
  const Tensor x = randn({2, 2}), outputs[] = {sigmoid(x + x), x};
  const std::vector<Tensor> actual = run(graph, {&x, 1});
  for (std::size_t i = 0; i < 2; ++i) EXPECT_TENSOR_EQ(actual[i], outputs[i]);
}

TEST(Graph, RunsWithAsManyInputsAsItHas) {
  const Tensor inputs[] = {ones({2, 2}), ones({2, 2})};
  test::expect_error([&] { run(diamond(), inputs); }, "the graph takes 1 inputs, got 2");
}

}  // namespace
}  // namespace minnow
