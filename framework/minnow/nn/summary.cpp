#include <minnow/core/saturate.h>
#include <minnow/nn/summary.h>

#include <algorithm>
#include <array>
#include <set>

#include <minnow/core/scope.h>
#include <minnow/nn/call.h>
#include <minnow/ops/op.h>

namespace minnow::nn {
namespace {

std::int64_t own_parameters(const Module& module) {
  std::int64_t count = 0;
  for (const NamedParameter& entry : module.named_parameters()) {
    if (entry.name.find('.') == std::string::npos) count += entry.parameter.shape().numel();
  }
  return count;
}

// Gives symbolic outputs, and keeps the books: a row for each op, until the layer that applied it takes them over.
class Bookkeeper : public Listener {
 public:
  std::vector<Tensor> apply(const std::shared_ptr<const Op>& op, std::span<const Tensor> inputs) override {
    if (std::ranges::none_of(inputs, [](const Tensor& x) { return x.is_symbolic(); })) return evaluate(*op, inputs);
    std::vector<TensorSpec> specs;
    for (const Tensor& input : inputs) specs.push_back({input.shape(), input.dtype()});
    SummaryRow row{current_path(), std::string(op->name()), {}, 0, op->multiply_adds(specs), 0};
    std::vector<Tensor> outputs;
    for (const TensorSpec& spec : op->infer(specs)) {
      outputs.emplace_back(spec.shape, spec.dtype, std::make_shared<Symbol>(op->name()));
      if (!op->is_view()) row.bytes += outputs.back().nbytes();
    }
    row.output = outputs.front().shape();
    entries_.push_back({std::move(row), true});
    return outputs;
  }

  bool wants_values() const override { return false; }

  void called(const Module& module, const Tensor& output) {
    const std::int64_t parameters = counted_.insert(&module).second ? own_parameters(module) : 0;
    SummaryRow row{current_path(), module.kind(), output.shape(), parameters, 0, 0};
    if (!module.children().empty()) {
      if (parameters > 0) entries_.push_back({std::move(row), false});
      return;
    }
    while (!entries_.empty() && entries_.back().is_op && entries_.back().row.path == row.path) {
      row.multiply_adds = saturating_add(row.multiply_adds, entries_.back().row.multiply_adds);
      row.bytes = saturating_add(row.bytes, entries_.back().row.bytes);
      entries_.pop_back();
    }
    entries_.push_back({std::move(row), false});
  }

  std::vector<SummaryRow> rows() const {
    std::vector<SummaryRow> result;
    for (const Entry& entry : entries_) result.push_back(entry.row);
    return result;
  }

 private:
  struct Entry {
    SummaryRow row;
    bool is_op;
  };
  std::vector<Entry> entries_;
  std::set<const Module*> counted_;
};

// 1234567 -> "1,234,567"
std::string grouped(std::int64_t number) {
  std::string digits = std::to_string(number);
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3) {
    digits.insert(static_cast<std::size_t>(at), 1, ',');
  }
  return digits;
}

using Line = std::array<std::string, 6>;

Line line_of(const SummaryRow& row) {
  return {row.path, row.kind, str(row.output), grouped(row.parameters), grouped(row.multiply_adds), grouped(row.bytes)};
}

}  // namespace

Summary summary(const Module& model, const InputSpecs& inputs) {
  Summary result;
  result.inputs = inputs;
  result.parameters = model.num_parameters();
  Bookkeeper books;
  {
    const RootScope root;
    const ListenerScope listening(&books);
    const ObservedCalls observing(
        [&](const Module& module, std::span<const Tensor>, const Tensor& output) { books.called(module, output); });
    std::vector<Tensor> symbols;
    for (const TensorSpec& spec : result.inputs)
      symbols.emplace_back(spec.shape, spec.dtype, std::make_shared<Symbol>());
    model.call(symbols);
  }
  result.rows = books.rows();
  for (const NamedParameter& entry : model.state_dict()) {
    result.parameter_bytes += entry.parameter.shape().numel() * size_of(entry.parameter.dtype());
  }
  for (const SummaryRow& row : result.rows) {
    result.multiply_adds = saturating_add(result.multiply_adds, row.multiply_adds);
    result.bytes = saturating_add(result.bytes, row.bytes);
  }
  return result;
}

std::ostream& operator<<(std::ostream& out, const Summary& summary) {
  std::vector<Line> lines = {{"layer", "kind", "output", "parameters", "multiply-adds", "bytes"}};
  for (const SummaryRow& row : summary.rows) lines.push_back(line_of(row));
  std::string inputs;
  for (const TensorSpec& input : summary.inputs) inputs += str(inputs.empty() ? "input " : ", ", input);
  lines.push_back(
      {"total", "", inputs, grouped(summary.parameters), grouped(summary.multiply_adds), grouped(summary.bytes)});
  std::array<std::size_t, 6> widths{};
  for (const Line& line : lines) {
    for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], line[i].size());
  }
  for (const Line& line : lines) {
    for (std::size_t i = 0; i < line.size(); ++i) {
      const bool text = i < 3;
      const std::string padding(widths[i] - line[i].size(), ' ');
      out << (i ? "  " : "") << (text ? line[i] + padding : padding + line[i]);
    }
    out << '\n';
  }
  return out << "parameters and buffers: " << grouped(summary.parameter_bytes) << " bytes\n";
}

}  // namespace minnow::nn
