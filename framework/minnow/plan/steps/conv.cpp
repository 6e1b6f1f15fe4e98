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
  /// Where it reads and writes, and what is the same for all of the output.
  struct Operands {
    ValueId x, residual, y;
    std::int64_t x_image_bytes, y_image_bytes;
    std::shared_ptr<std::byte> packed;
    Tensor shift;  // padded to whole blocks, or undefined
    float lo, hi;
  };

  ConvStep(const kernels::ConvKernel& kernel, const kernels::ConvShape& shape, Operands operands)
      : kernel_(kernel), shape_(shape), units_(kernel.units(shape)), own_(std::move(operands)) {}

  void run(Frame& frame) const override {
    parallel_for_workers(units_, 1, frame.workers, [&](int worker, std::int64_t first, std::int64_t last) {
      kernels::ConvArgs args = arguments();
      args.x = frame.at(own_.x);
      args.residual = own_.residual < 0 ? nullptr : frame.at(own_.residual);
      args.y = frame.at(own_.y);
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
            .x = own_.x,
            .residual = own_.residual,
            .y = own_.y,
            .row_bytes = own_.y_image_bytes / shape_.out_h};
  }

  void run_rows(Frame& frame, const Turn& turn, int worker) const override {
    kernels::ConvArgs args = arguments();
    args.x = frame.at(own_.x, worker, turn.image, own_.x_image_bytes);
    args.residual = own_.residual < 0 ? nullptr : frame.at(own_.residual, worker, turn.image, own_.y_image_bytes);
    args.y = frame.at(own_.y, worker, turn.image, own_.y_image_bytes);
    args.scratch = frame.scratch_of(worker);
    if (turn.kept_from > 0) keep_rows(static_cast<std::byte*>(args.y), turn);
    kernel_.run_rows(shape_, args, turn.rows);
  }
  ValueId overwrites() const override { return own_.residual; }
  std::string algorithm() const override { return kernel_.name; }
  std::int64_t scratch_bytes() const override { return kernel_.scratch_bytes(shape_); }

 private:
  kernels::ConvArgs arguments() const {
    return {.packed = own_.packed.get(),
            .bias = own_.shift.defined() ? own_.shift.data() : nullptr,
            .lo = own_.lo,
            .hi = own_.hi};
  }

  void keep_rows(std::byte* window, const Turn& turn) const {
    const std::int64_t row = shape_.out_w * kernel_.out.block * kernels::size_of(kernel_.out.element);
    const std::int64_t planes = own_.y_image_bytes / (shape_.out_h * row);
    for (std::int64_t i = 0; i < planes; ++i) {
      std::byte* const plane = window + i * turn.rows.y_rows * row;
      std::memmove(plane, plane + turn.kept_from * row, static_cast<std::size_t>(turn.kept * row));
    }
  }

  const kernels::ConvKernel& kernel_;
  const kernels::ConvShape shape_;
  const std::int64_t units_;
  const Operands own_;
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

  const auto image_bytes = [&](ValueId id) {
    return bytes_of(graph[id].spec.shape, context.lowered.format(id)) / shape.batch;
  };
  const ValueId x = node.inputs[0], y = node.outputs[0];
  const Value* scale = op.has_scale() ? &graph[node.inputs[op.scale_at()]] : nullptr;
  return std::make_unique<ConvStep>(
      *kernel, shape,
      ConvStep::Operands{
          .x = x,
          .residual = op.has_residual() ? node.inputs[op.residual_at()] : -1,
          .y = y,
          .x_image_bytes = image_bytes(x),
          .y_image_bytes = image_bytes(y),
          .packed = context.weights.get(*kernel, shape, weight, scale, context.packing),
          .shift = op.has_shift() ? padded_bias(*kernel, graph[node.inputs[op.shift_at()]].constant) : Tensor(),
          .lo = op.lo(),
          .hi = op.hi()});
}

}  // namespace minnow
