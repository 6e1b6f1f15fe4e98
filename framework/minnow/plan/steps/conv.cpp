#include <cstring>

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
      : kernel_(kernel), shape_(shape), units_(kernel.units(shape)) {}

  void run(Frame& frame) const override {
    parallel_for_workers(units_, 1, frame.workers, [&](int worker, std::int64_t first, std::int64_t last) {
      kernels::ConvArgs args = arguments();
      args.x = frame.at(x);
      args.residual = residual < 0 ? nullptr : frame.at(residual);
      args.y = frame.at(y);
      args.scratch = frame.scratch_of(worker);
      kernel_.run(shape_, args, first, last);
    });
  }

  Rowwise rowwise() const override {
    if (!kernel_.by_rows(shape_)) return {};
    return {.images = shape_.batch,
            .height = shape_.out_h,
            .in_height = shape_.in_h,
            .stride = shape_.stride_h,
            .reach = (shape_.kernel_h - 1) * shape_.dilation_h + 1,
            .above = shape_.pad_top,
            .x = x,
            .residual = residual,
            .y = y,
            .row_bytes = y_image_bytes() / shape_.out_h};
  }

  void run_rows(Frame& frame, const Turn& turn, int worker) const override {
    kernels::ConvArgs args = arguments();
    args.x = frame.at(x, worker, turn.image, x_bytes / shape_.batch);
    args.residual = residual < 0 ? nullptr : frame.at(residual, worker, turn.image, y_image_bytes());
    args.y = frame.at(y, worker, turn.image, y_image_bytes());
    args.scratch = frame.scratch_of(worker);
    if (turn.kept_from > 0) keep_rows(static_cast<std::byte*>(args.y), turn);
    kernel_.run_rows(shape_, args, turn.rows);
  }
  ValueId overwrites() const override { return residual; }
  std::string algorithm() const override { return kernel_.name; }
  std::int64_t scratch_bytes() const override { return kernel_.scratch_bytes(shape_); }

  ValueId x = -1, residual = -1, y = -1;
  std::int64_t x_bytes = 0, y_bytes = 0;
  std::shared_ptr<std::byte> packed;
  Tensor shift;  // padded to whole blocks
  float lo = 0, hi = 0;

 private:
  /// Those that are the same for all of the output.
  kernels::ConvArgs arguments() const {
    return {.packed = packed.get(), .bias = shift.defined() ? shift.data() : nullptr, .lo = lo, .hi = hi};
  }
  std::int64_t y_image_bytes() const { return y_bytes / shape_.batch; }

  void keep_rows(std::byte* window, const Turn& turn) const {
    const std::int64_t row = shape_.out_w * kernel_.out.block * kernels::size_of(kernel_.out.element);
    const std::int64_t planes = y_image_bytes() / (shape_.out_h * row);
    for (std::int64_t i = 0; i < planes; ++i) {
      std::byte* const plane = window + i * turn.rows.y_rows * row;
      std::memmove(plane, plane + turn.kept_from * row, static_cast<std::size_t>(turn.kept * row));
    }
  }

  const kernels::ConvKernel& kernel_;
  const kernels::ConvShape shape_;
  const std::int64_t units_;
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
  step->x_bytes = bytes_of(graph[step->x].spec.shape, context.lowered.format(step->x));
  step->y_bytes = bytes_of(graph[step->y].spec.shape, context.lowered.format(step->y));
  if (op.has_residual()) step->residual = node.inputs[op.residual_at()];
  const Value* scale = op.has_scale() ? &graph[node.inputs[op.scale_at()]] : nullptr;
  step->packed = context.weights.get(*kernel, shape, weight, scale, context.packing);
  if (op.has_shift()) step->shift = padded_bias(*kernel, graph[node.inputs[op.shift_at()]].constant);
  step->lo = op.lo();
  step->hi = op.hi();
  return step;
}

}  // namespace minnow
