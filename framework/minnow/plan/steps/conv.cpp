#include <minnow/core/threads.h>
#include <minnow/ops/conv_shape.h>
#include <minnow/plan/fused.h>
#include <minnow/plan/steps/steps.h>

namespace minnow {
namespace {

/// A convolution or a linear layer with its epilogue.
class ConvStep : public Step {
 public:
  ConvStep(const kernels::ConvKernel& kernel, const kernels::ConvShape& shape)
      : kernel_(kernel), shape_(shape), units_(kernel.units(shape)) {
    if (const std::int64_t rows = kernel.part_rows(shape); rows > 0) {
      parts_.images = shape.batch;
      parts_.height = shape.out_h;
      parts_.rows = rows;
      parts_.in_height = shape.in_h;
      parts_.stride = shape.stride_h;
      parts_.reach = (shape.kernel_h - 1) * shape.dilation_h + 1 - shape.pad_top;
      units_ /= parts_.images * parts_.parts();
    }
  }

  void run(Frame& frame, std::int64_t first_part, std::int64_t last_part) const override {
    const std::int64_t first_unit = first_part * units_, last_unit = last_part * units_;
    const kernels::ConvArgs args{.x = frame.at(x),
                                 .packed = packed.get(),
                                 .bias = shift.defined() ? shift.data() : nullptr,
                                 .residual = residual < 0 ? nullptr : frame.at(residual),
                                 .y = frame.at(y),
                                 .scratch = nullptr,
                                 .lo = lo,
                                 .hi = hi};
    parallel_for_workers(last_unit - first_unit, 1, frame.workers,
                         [&](int worker, std::int64_t first, std::int64_t last) {
                           kernels::ConvArgs own = args;
                           own.scratch = frame.scratch_of(worker);
                           kernel_.run(shape_, own, first_unit + first, first_unit + last);
                         });
  }

  RowParts row_parts() const override {
    RowParts parts = parts_;
    parts.x = x, parts.residual = residual, parts.y = y, parts.y_bytes = y_bytes;
    return parts;
  }
  std::string algorithm() const override { return kernel_.name; }
  std::int64_t scratch_bytes() const override { return kernel_.scratch_bytes(shape_); }

  ValueId x = -1, residual = -1, y = -1;
  std::int64_t y_bytes = 0;
  std::shared_ptr<std::byte> packed;
  Tensor shift;  // padded to whole blocks
  float lo = 0, hi = 0;

 private:
  const kernels::ConvKernel& kernel_;
  const kernels::ConvShape shape_;
  RowParts parts_;      // without its values
  std::int64_t units_;  // a part
};

}  // namespace

std::unique_ptr<Step> make_conv_step(const BindContext& context, std::size_t number) {
  const kernels::ConvKernel* kernel = context.lowered.convs[number].kernel;
  if (!kernel) return nullptr;
  const Graph& graph = context.lowered.graph;
  const Node& node = graph.nodes[number];
  const auto& op = static_cast<const FusedOp&>(*node.op);
  const Value& weight = graph[node.inputs[1]];
  const kernels::ConvShape shape = conv_shape(op, graph[node.inputs[0]].spec.shape, weight.spec.shape);

  auto step = std::make_unique<ConvStep>(*kernel, shape);
  step->x = node.inputs[0];
  step->y = node.outputs[0];
  step->y_bytes = bytes_of(graph[step->y].spec.shape, context.lowered.format(step->y));
  if (op.has_residual()) step->residual = node.inputs[op.residual_at()];
  const Value* scale = op.has_scale() ? &graph[node.inputs[op.scale_at()]] : nullptr;
  step->packed = context.weights.get(*kernel, shape, weight, scale, context.memory);
  if (op.has_shift()) step->shift = padded_bias(*kernel, graph[node.inputs[op.shift_at()]].constant);
  step->lo = op.lo();
  step->hi = op.hi();
  return step;
}

}  // namespace minnow
