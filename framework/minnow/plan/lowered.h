#pragma once

#include <string>
#include <vector>

#include <minnow/graph/graph.h>
#include <minnow/plan/conv_chooser.h>
#include <minnow/plan/layout.h>
#include <minnow/plan/options.h>

namespace minnow {

/// Brings a float32 tensor from plain into blocks, or back.
class ReorderOp : public Op {
 public:
  ReorderOp(Format from_format, Format to_format) : from(from_format), to(to_format) {}
  std::string_view name() const override { return "reorder"; }
  std::string attributes() const override;
  std::vector<TensorSpec> infer(std::span<const TensorSpec> inputs) const override { return {inputs[0]}; }
  /// On tensors of the physical shapes.
  void eval(std::span<const Tensor> inputs, std::span<Tensor> outputs) const override;

  const Format from, to;
};

/// A graph whose values have formats: ready to be bound to kernels.
struct Lowered {
  Graph graph;
  std::vector<Format> formats;    // of each value
  std::vector<ChosenConv> convs;  // of each node; without a kernel where it is no convolution

  Format format(ValueId id) const { return formats[index_of(id)]; }
};

/// Chooses a kernel for each convolution and a format for each value, and puts reorders where formats meet.
Lowered assign_layouts(Graph graph, const PlanOptions& options);

/// "plain", "plain int64", "NCHW16c", "NCHW16c bf16".
std::string name_of(Format format);

}  // namespace minnow
