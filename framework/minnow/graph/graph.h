#pragma once

#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <minnow/core/export.h>
#include <minnow/core/tensor.h>
#include <minnow/ops/op.h>

namespace minnow {

using ValueId = std::int32_t;

/// Where lists of what belongs to each value have that of this one.
constexpr std::size_t index_of(ValueId id) { return static_cast<std::size_t>(id); }

/// A tensor of a graph: computed by a node, given as an input, or a constant such as a weight.
struct Value {
  TensorSpec spec;
  Tensor constant{};             // defined for a constant
  std::vector<Tensor> origin{};  // the tensors that a constant was made from: who it is, whenever it is made again
};

/// Adds what is not there yet to an origin.
void join_origin(std::vector<Tensor>& origin, std::span<const Tensor> more);

/// One application of an op.
struct Node {
  std::shared_ptr<const Op> op;
  std::vector<ValueId> inputs;
  std::vector<ValueId> outputs;
  std::string path;  // of the module that applied it
};

/// What a model computes for inputs of one shape: nodes in the order of execution. Passes rewrite it in place; each
/// stage of it can be evaluated with `run`.
struct MINNOW_API Graph {
  std::vector<Value> values;
  std::vector<Node> nodes;
  std::vector<ValueId> inputs, outputs;

  ValueId add_value(TensorSpec spec);
  ValueId add_constant(const Tensor& constant, std::vector<Tensor> origin);
  Value& operator[](ValueId id) { return values[index_of(id)]; }
  const Value& operator[](ValueId id) const { return values[index_of(id)]; }

  /// How many nodes and graph outputs read each value.
  std::vector<int> count_uses() const;
  /// For each value the number of the node that computes it, or -1.
  std::vector<int> producers() const;
  /// Makes everything that reads `from` read `to`.
  void replace_uses(ValueId from, ValueId to);
  /// Drops the nodes whose outputs nobody needs.
  void remove_dead_nodes();
};

/// Evaluates the graph op by op, eagerly: the reference for every plan.
MINNOW_API std::vector<Tensor> run(const Graph& graph, std::span<const Tensor> inputs);

/// One line per input, node and output: `%3 = conv2d(%0, [16, 3, 3, 3]) stride=2 -> [1, 16, 4, 4]  # layer1.conv`.
MINNOW_API std::ostream& operator<<(std::ostream& out, const Graph& graph);

}  // namespace minnow
