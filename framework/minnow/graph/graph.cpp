#include <algorithm>
#include <ostream>

#include <minnow/core/error.h>
#include <minnow/graph/graph.h>

namespace minnow {

void join_origin(std::vector<Tensor>& origin, std::span<const Tensor> more) {
  for (const Tensor& tensor : more) {
    const auto same = [&](const Tensor& other) { return other.storage() == tensor.storage(); };
    if (std::ranges::none_of(origin, same)) origin.push_back(tensor);
  }
}

ValueId Graph::add_value(TensorSpec spec) {
  values.push_back({spec});
  return static_cast<ValueId>(values.size() - 1);
}

ValueId Graph::add_constant(const Tensor& constant, std::vector<Tensor> origin) {
  values.push_back({{constant.shape(), constant.dtype()}, constant, std::move(origin)});
  return static_cast<ValueId>(values.size() - 1);
}

std::vector<int> Graph::count_uses() const {
  std::vector<int> uses(values.size());
  for (const Node& node : nodes) {
    for (const ValueId input : node.inputs) ++uses[index_of(input)];
  }
  for (const ValueId output : outputs) ++uses[index_of(output)];
  return uses;
}

std::vector<int> Graph::producers() const {
  std::vector<int> result(values.size(), -1);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    for (const ValueId output : nodes[i].outputs) result[index_of(output)] = static_cast<int>(i);
  }
  return result;
}

void Graph::replace_uses(ValueId from, ValueId to) {
  for (Node& node : nodes) std::replace(node.inputs.begin(), node.inputs.end(), from, to);
  std::replace(outputs.begin(), outputs.end(), from, to);
}

void Graph::remove_dead_nodes() {
  std::vector<bool> needed(values.size());
  const auto need = [&](ValueId id) { needed[index_of(id)] = true; };
  for (const ValueId output : outputs) need(output);
  std::vector<Node> kept;
  for (auto node = nodes.rbegin(); node != nodes.rend(); ++node) {
    if (std::none_of(node->outputs.begin(), node->outputs.end(), [&](ValueId id) { return needed[index_of(id)]; })) {
      continue;
    }
    for (const ValueId input : node->inputs) need(input);
    kept.push_back(std::move(*node));
  }
  std::reverse(kept.begin(), kept.end());
  nodes = std::move(kept);
}

std::vector<Tensor> run(const Graph& graph, std::span<const Tensor> inputs) {
  if (inputs.size() != graph.inputs.size()) {
    fail("the graph takes ", graph.inputs.size(), " inputs, got ", inputs.size());
  }
  std::vector<Tensor> tensors(graph.values.size());
  for (std::size_t i = 0; i < graph.values.size(); ++i) tensors[i] = graph.values[i].constant;
  for (std::size_t i = 0; i < inputs.size(); ++i) tensors[index_of(graph.inputs[i])] = inputs[i];
  for (const Node& node : graph.nodes) {
    std::vector<Tensor> arguments;
    for (const ValueId input : node.inputs) arguments.push_back(tensors[index_of(input)]);
    const std::vector<Tensor> results = evaluate(*node.op, arguments);
    for (std::size_t i = 0; i < results.size(); ++i) tensors[index_of(node.outputs[i])] = results[i];
  }
  std::vector<Tensor> outputs;
  for (const ValueId output : graph.outputs) outputs.push_back(tensors[index_of(output)]);
  return outputs;
}

std::ostream& operator<<(std::ostream& out, const Graph& graph) {
  const auto list = [&](const std::vector<ValueId>& ids) {
    for (std::size_t i = 0; i < ids.size(); ++i) {
      out << (i ? ", " : "");
      if (graph[ids[i]].constant.defined()) {
        out << graph[ids[i]].spec;
      } else {
        out << '%' << ids[i];
      }
    }
  };
  for (const ValueId input : graph.inputs) out << "input %" << input << ' ' << graph[input].spec << '\n';
  for (const Node& node : graph.nodes) {
    list(node.outputs);
    out << " = " << node.op->name() << '(';
    list(node.inputs);
    const std::string attributes = node.op->attributes();
    out << ')' << (attributes.empty() ? "" : " ") << attributes << " -> " << graph[node.outputs.front()].spec;
    if (!node.path.empty()) out << "  # " << node.path;
    out << '\n';
  }
  out << "output ";
  list(graph.outputs);
  return out << '\n';
}

}  // namespace minnow
