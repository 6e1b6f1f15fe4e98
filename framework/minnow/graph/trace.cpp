#include <atomic>
#include <unordered_map>
#include <unordered_set>

#include <minnow/core/error.h>
#include <minnow/core/scope.h>
#include <minnow/graph/trace.h>
#include <minnow/ops/clone.h>

namespace minnow {
namespace {

struct TraceSymbol : Symbol {
  TraceSymbol(std::string_view op, std::int64_t t, ValueId i) : Symbol(op), trace(t), id(i) {}
  std::int64_t trace;  // its number: an address could come again
  ValueId id;
};

class Tracer : public Listener {
 public:
  explicit Tracer(Graph& graph) : graph_(graph) {}

  // An input, or the result of `op`.
  Tensor symbolic(const TensorSpec& spec, std::string_view op = {}) {
    return {spec.shape, spec.dtype, std::make_shared<TraceSymbol>(op, number_, graph_.add_value(spec))};
  }

  std::vector<Tensor> apply(const std::shared_ptr<const Op>& op, std::span<const Tensor> inputs) override {
    bool constant = true;
    for (const Tensor& input : inputs) constant = constant && !input.is_symbolic();
    if (constant) return evaluate_constant(*op, inputs);

    Node node{op, {}, {}, current_path()};
    std::vector<TensorSpec> specs;
    for (const Tensor& input : inputs) {
      node.inputs.push_back(id_of(op->name(), input));
      specs.push_back({input.shape(), input.dtype()});
    }
    std::vector<Tensor> outputs;
    for (const TensorSpec& spec : op->infer(specs)) {
      outputs.push_back(symbolic(spec, op->name()));
      node.outputs.push_back(id_of(op->name(), outputs.back()));
    }
    if (op->is_view()) memory_[node.outputs.front()] = memory_of(node.inputs.front());
    graph_.nodes.push_back(std::move(node));
    return outputs;
  }

  // The handles to a symbolic `x` get another symbol; what still has one of the same memory is a view. What has read a
  // constant has read its old values.
  void overwritten(const Tensor& x) override {
    if (outer_) outer_->overwritten(x);
    if (const TraceSymbol* symbol = symbol_of(x)) overwritten_.insert(memory_of(symbol->id));
    if (x.is_symbolic()) return;
    keep_values(x.storage().get());
    scratch_.insert(x.storage().get());
  }

  // What the trace has overwritten, the next trace overwrites again: the graph has its own.
  void finish() {
    for (const void* storage : scratch_) keep_values(storage);
  }

  /// `reader` is who reads it, for errors.
  ValueId id_of(std::string_view reader, const Tensor& tensor) {
    if (!tensor.is_symbolic()) return constant_id(tensor);
    const TraceSymbol* symbol = symbol_of(tensor);
    if (!symbol) fail(reader, ": a symbolic tensor ", tensor.shape(), " is used outside of its trace");
    if (overwritten_.contains(memory_of(symbol->id))) {
      fail(reader, ": a tensor ", tensor.shape(), " shares its memory with a view that +=, -=, *= or /= has changed; ",
           "a trace cannot follow that: write x = x + y there");
    }
    return symbol->id;
  }

 private:
  // The symbol that this trace gave to a tensor, or null.
  const TraceSymbol* symbol_of(const Tensor& tensor) const {
    const auto* symbol = dynamic_cast<const TraceSymbol*>(tensor.symbol().get());
    return symbol && symbol->trace == number_ ? symbol : nullptr;
  }

  // Gives the constants that lie in `storage` memory of their own.
  void keep_values(const void* storage) {
    const auto read = constants_.extract(storage);
    if (read.empty()) return;
    for (const ValueId id : read.mapped()) {
      Tensor& constant = graph_[id].constant;
      constant = evaluate(CloneOp(), {&constant, 1}).front();
    }
  }

  // The value whose memory this one shares.
  ValueId memory_of(ValueId id) const {
    const auto found = memory_.find(id);
    return found == memory_.end() ? id : found->second;
  }

  // A result of constants remembers what it was made from.
  std::vector<Tensor> evaluate_constant(const Op& op, std::span<const Tensor> inputs) {
    std::vector<Tensor> origin;
    for (const Tensor& input : inputs) {
      const auto known = origins_.find(input.storage().get());
      join_origin(origin, known == origins_.end() ? std::span(&input, 1) : known->second);
    }
    std::vector<Tensor> outputs = evaluate(op, inputs);
    for (const Tensor& output : outputs) {
      derived_.push_back(output);  // keeps the storage, so that its address stays its name
      origins_[output.storage().get()] = origin;
    }
    return outputs;
  }

  ValueId constant_id(const Tensor& tensor) {
    for (const ValueId id : constants_[tensor.storage().get()]) {
      if (graph_[id].spec == TensorSpec{tensor.shape(), tensor.dtype()}) return id;
    }
    const auto known = origins_.find(tensor.storage().get());
    const ValueId id = graph_.add_constant(tensor, known == origins_.end() ? std::vector{tensor} : known->second);
    constants_[tensor.storage().get()].push_back(id);
    return id;
  }

  static inline std::atomic<std::int64_t> traces = 0;

  const std::int64_t number_ = ++traces;
  Listener* const outer_ = current_listener();
  Graph& graph_;
  std::unordered_map<ValueId, ValueId> memory_;  // of views
  std::unordered_set<ValueId> overwritten_;
  std::unordered_set<const void*> scratch_;  // storage of constants that was overwritten
  std::unordered_map<const void*, std::vector<ValueId>> constants_;
  std::unordered_map<const void*, std::vector<Tensor>> origins_;
  std::vector<Tensor> derived_;
};

}  // namespace

Graph trace(const std::function<std::vector<Tensor>(std::span<const Tensor>)>& function,
            std::span<const TensorSpec> inputs) {
  Graph graph;
  Tracer tracer(graph);
  std::vector<Tensor> arguments;
  for (const TensorSpec& spec : inputs) {
    arguments.push_back(tracer.symbolic(spec));
    graph.inputs.push_back(static_cast<ValueId>(graph.values.size() - 1));
  }
  const ListenerScope scope(&tracer);
  for (const Tensor& output : function(arguments)) {
    if (!output.defined()) fail("a traced function returned an undefined tensor");
    graph.outputs.push_back(tracer.id_of("the result", output));
  }
  tracer.finish();
  return graph;
}

}  // namespace minnow
