#include <algorithm>
#include <map>
#include <tuple>

#include <minnow/core/error.h>
#include <minnow/core/threads.h>
#include <minnow/kernels/reorder.h>
#include <minnow/ops/cat.h>
#include <minnow/ops/kernels.h>
#include <minnow/plan/fused.h>
#include <minnow/plan/lowered.h>
#include <minnow/plan/micro_batches.h>
#include <minnow/plan/op_kinds.h>

namespace minnow {
namespace {

bool has_channels(const Shape& shape) { return (shape.rank() == 4 || shape.rank() == 2) && shape.numel() > 0; }

class LayoutPass {
 public:
  LayoutPass(Graph graph, const PlanOptions& options)
      : options_(options), blocked_(kernels::table().blocked()), chooser_(options, kernels::table()) {
    result_.graph = std::move(graph);
    for (const Value& value : result_.graph.values) result_.formats.push_back(plain_format(value.spec.dtype));
  }

  Lowered run() {
    const std::size_t repeated = micro_batches_of(result_.graph).nodes;
    std::vector<Node> nodes = std::move(result_.graph.nodes);
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      one_image_ = i < repeated;
      place(std::move(nodes[i]));
    }
    chooser_.check_pins();
    for (ValueId& output : result_.graph.outputs) output = in_plain(output);
    return std::move(result_);
  }

 private:
  void place(Node node) {
    ChosenConv conv;
    if (dynamic_cast<const CollectOp*>(node.op.get())) {  // as its parts lie
      set_format(node.outputs.front(), result_.format(node.inputs[0]));
      return add(std::move(node), {});
    }
    if (const auto* fused = dynamic_cast<const FusedOp*>(node.op.get())) {
      conv = choose(*fused, node);
    } else if (options_.blocked && runs_blocked(node)) {
      for (ValueId& input : node.inputs) input = is_number(input) ? in_plain(input) : in_format(input, blocked_);
      for (const ValueId output : node.outputs) set_format(output, blocked_);
      // Counted from the end, the dimension of the channels is another one in blocks.
      if (dynamic_cast<const CatOp*>(node.op.get())) node.op = std::make_shared<const CatOp>(1);
      return add(std::move(node), {});
    }
    const kernels::ConvKernel* kernel = conv.kernel;
    if (!kernel) {
      for (ValueId& input : node.inputs) input = in_plain(input);
      return add(std::move(node), std::move(conv));
    }
    node.inputs[0] = in_format(node.inputs[0], kernel->in);
    const auto& fused = static_cast<const FusedOp&>(*node.op);
    if (fused.has_residual()) {
      ValueId& residual = node.inputs[fused.residual_at()];
      residual = in_format(residual, kernel->out);
    }
    set_format(node.outputs.front(), kernel->out);
    add(std::move(node), std::move(conv));
  }

  ChosenConv choose(const FusedOp& fused, const Node& node) {
    const Shape& x = result_.graph[node.inputs[0]].spec.shape;
    const bool empty = x.numel() == 0 || result_.graph[node.outputs[0]].spec.shape.numel() == 0;
    if (empty || !options_.blocked) return chooser_.choose_none(node.path);
    const bool in_place = kernels::few_channels(x[1], blocked_.block) && result_.format(node.inputs[0]).block == 1;
    kernels::ConvShape shape = conv_shape(fused, x, result_.graph[node.inputs[1]].spec.shape);
    if (one_image_) shape.batch = 1;
    return chooser_.choose(node.path, shape, in_place, x.rank() == 2);
  }

  const Shape& shape_of(ValueId id) const { return result_.graph[id].spec.shape; }

  // A single number goes with arrays of any format, as it is. What a micro-batch computes for each image is none, even
  // where it has one image: how many it has depends on the number of threads, and what is chosen must not.
  bool is_number(ValueId id) const {
    return shape_of(id).numel() == 1 && (!one_image_ || result_.graph[id].constant.defined());
  }

  // Whether the op is one that treats each channel alike, on values of which one lies in blocks already.
  bool runs_blocked(const Node& node) const {
    const Shape& out = shape_of(node.outputs.front());
    bool any = false, same_channels = true;
    for (const ValueId input : node.inputs) {
      if (result_.format(input).element != blocked_.element) return false;
      if (is_number(input)) continue;
      const Shape& shape = shape_of(input);
      if (!has_channels(shape) || shape.rank() != out.rank()) return false;
      any = any || result_.format(input).block > 1;
      same_channels = same_channels && shape[1] == out[1];
    }
    if (!any) return false;
    for (const ValueId output : node.outputs) {
      if (result_.format(output).element != blocked_.element || !has_channels(shape_of(output))) return false;
    }
    if (is_elementwise(*node.op)) return same_channels;
    if (is_pool(*node.op)) return out.rank() == 4;
    if (const auto* cat = dynamic_cast<const CatOp*>(node.op.get())) {
      for (const ValueId input : node.inputs) {
        if (shape_of(input)[1] % blocked_.block != 0) return false;
      }
      return out.index(cat->dim) == 1 && out.rank() == 4;
    }
    return false;
  }

  void add(Node node, ChosenConv conv) {
    result_.graph.nodes.push_back(std::move(node));
    result_.convs.push_back(std::move(conv));
  }

  void set_format(ValueId id, Format format) { result_.formats[index_of(id)] = format; }

  ValueId in_plain(ValueId id) { return in_format(id, plain_format(result_.graph[id].spec.dtype)); }

  // The value in that format: itself, or what a reorder makes of it, once.
  ValueId in_format(ValueId id, Format format) {
    const Format now = result_.format(id);
    if (now == format) return id;
    const auto [known, is_new] = reordered_.try_emplace({id, format.element, format.block}, ValueId{-1});
    if (is_new) {
      const Value& value = result_.graph[id];
      const TensorSpec spec = value.spec;
      const auto reorder = std::make_shared<ReorderOp>(now, format);
      if (value.constant.defined()) {  // now rather than at each call
        Tensor moved = zeros(physical_shape(spec.shape, format));
        reorder->eval(std::span(&value.constant, 1), std::span(&moved, 1));
        known->second = result_.graph.add_constant(moved, value.origin);
        result_.graph[known->second].spec = spec;
        result_.formats.push_back(format);
        return known->second;
      }
      known->second = result_.graph.add_value(spec);
      result_.formats.push_back(format);
      add({reorder, {id}, {known->second}, {}}, {});
    }
    return known->second;
  }

  const PlanOptions& options_;
  const Format blocked_;  // what the kernels for ops that treat channels alike read and write
  ConvChooser chooser_;
  bool one_image_ = false;  // kernels are chosen for one image, however many a micro-batch has
  Lowered result_;
  std::map<std::tuple<ValueId, kernels::Element, int>, ValueId> reordered_;
};

// Between [N, C] and [ceil(C / b), N, b].
void reorder_rows(const Tensor& from, Tensor& to, bool into_blocks) {
  const Tensor& rows = into_blocks ? from : to;
  const std::int64_t n = rows.dim(0), channels = rows.dim(1);
  const std::int64_t block = (into_blocks ? to : from).dim(-1), blocks = (channels + block - 1) / block;
  const float* x = from.data();
  float* y = to.data();
  for (std::int64_t b = 0; b < blocks; ++b) {
    const std::int64_t count = std::min(block, channels - b * block);
    for (std::int64_t row = 0; row < n; ++row) {
      const std::int64_t plain = row * channels + b * block, blocked = (b * n + row) * block;
      std::copy_n(x + (into_blocks ? plain : blocked), count, y + (into_blocks ? blocked : plain));
    }
  }
}

}  // namespace

std::string ReorderOp::attributes() const { return name_of(from) + " to " + name_of(to); }

void ReorderOp::eval(std::span<const Tensor> inputs, std::span<Tensor> outputs) const {
  const bool into_blocks = from.block == 1;
  const Tensor& plain = into_blocks ? inputs[0] : outputs[0];
  if (plain.rank() == 2) return reorder_rows(inputs[0], outputs[0], into_blocks);
  const kernels::ReorderArgs args{inputs[0].data(), outputs[0].data(), plain.dim(0), plain.dim(1),
                                  plain.dim(2) * plain.dim(3)};
  const std::int64_t units = plain.dim(0) * (into_blocks ? outputs[0] : inputs[0]).dim(1);
  const auto kernel = into_blocks ? kernels::table().block : kernels::table().unblock;
  parallel_for(units, 1, [&](std::int64_t first, std::int64_t last) { kernel(args, first, last); });
}

std::string name_of(Format format) {
  constexpr const char* elements[] = {"", " bf16", " int64"};
  const char* element = elements[static_cast<std::size_t>(format.element)];
  return format.block == 1 ? str("plain", element) : str("NCHW", format.block, 'c', element);
}

Lowered assign_layouts(Graph graph, const PlanOptions& options) { return LayoutPass(std::move(graph), options).run(); }

}  // namespace minnow
