#include <algorithm>
#include <optional>

#include <minnow/core/threads.h>
#include <minnow/ops/adaptive_avg_pool2d.h>
#include <minnow/ops/adaptive_max_pool2d.h>
#include <minnow/ops/avg_pool2d.h>
#include <minnow/ops/kernels.h>
#include <minnow/ops/max_pool2d.h>
#include <minnow/plan/steps/steps.h>

namespace minnow {
namespace {

using kernels::PoolRegion;

/// What each element of the output looks at.
struct Pooling {
  bool max;
  std::vector<PoolRegion> rows, columns;
  Pair step = 1;  // from one row of a region to the next, and from one column
};

/// A pool in blocks of channels.
class PoolStep : public Step {
 public:
  PoolStep(ValueId x, ValueId y, std::int64_t planes, const Shape& in, const Shape& out, Pooling pooling)
      : x_(x), y_(y), planes_(planes), in_(in), out_(out), pooling_(std::move(pooling)) {}

  void run(Frame& frame) const override {
    const kernels::BlockedPoolArgs args{.x = frame.at<float>(x_),
                                        .y = frame.at<float>(y_),
                                        .in_h = in_[2],
                                        .in_w = in_[3],
                                        .out_h = out_[2],
                                        .out_w = out_[3],
                                        .rows = pooling_.rows.data(),
                                        .columns = pooling_.columns.data(),
                                        .row_step = pooling_.step.h,
                                        .column_step = pooling_.step.w,
                                        .max = pooling_.max};
    const auto kernel = kernels::table().blocked_pool;
    parallel_for(planes_, 1, [&](std::int64_t first, std::int64_t last) { kernel(args, first, last); });
  }

  std::string algorithm() const override { return "blocked"; }

 private:
  const ValueId x_, y_;
  const std::int64_t planes_;
  const Shape in_, out_;
  const Pooling pooling_;
};

// Windows along one side. A mean counts `count` elements if given; else those of the input and, with `count_padding`,
// of the padding, but none beyond that.
std::vector<PoolRegion> windows(std::int64_t in, std::int64_t out, std::int64_t kernel, std::int64_t stride,
                                std::int64_t padding, std::int64_t dilation, bool count_padding,
                                std::optional<std::int64_t> count) {
  std::vector<PoolRegion> result;
  for (std::int64_t i = 0; i < out; ++i) {
    const std::int64_t start = i * stride - padding, stop = start + (kernel - 1) * dilation + 1;
    // The first element at or after 0 that the window, with its holes, looks at.
    const std::int64_t begin = start >= 0 ? start : start + (-start + dilation - 1) / dilation * dilation;
    const std::int64_t end = std::min(stop, in);
    const std::int64_t counted = count_padding ? std::min(stop, in + padding) - start : end - begin;
    result.push_back({begin, end, 1.0f / static_cast<float>(count.value_or(counted))});
  }
  return result;
}

std::vector<PoolRegion> regions(std::int64_t in, std::int64_t out) {
  std::vector<PoolRegion> result;
  for (std::int64_t i = 0; i < out; ++i) {
    const std::int64_t begin = region_begin(i, in, out), end = region_end(i, in, out);
    result.push_back({begin, end, 1.0f / static_cast<float>(end - begin)});
  }
  return result;
}

/// Of a pool from shape `in` to `out`; nothing of another op.
std::optional<Pooling> pooling_of(const Op& op, const Shape& in, const Shape& out) {
  const auto sliding = [&](bool max, const PoolWindow& w, bool count_padding, std::optional<std::int64_t> divisor) {
    const std::optional<std::int64_t> one = divisor ? std::optional<std::int64_t>(1) : std::nullopt;
    return Pooling{
        max,
        windows(in[2], out[2], w.kernel_size.h, w.stride.h, w.padding.h, w.dilation.h, count_padding, divisor),
        windows(in[3], out[3], w.kernel_size.w, w.stride.w, w.padding.w, w.dilation.w, count_padding, one),
        // One row has no next, which might lie beyond any memory.
        {w.kernel_size.h == 1 ? 1 : w.dilation.h, w.kernel_size.w == 1 ? 1 : w.dilation.w}};
  };
  const auto adaptive = [&](bool max) { return Pooling{max, regions(in[2], out[2]), regions(in[3], out[3])}; };
  if (const auto* max = dynamic_cast<const MaxPool2dOp*>(&op)) return sliding(true, max->window, true, std::nullopt);
  if (const auto* avg = dynamic_cast<const AvgPool2dOp*>(&op)) {
    return sliding(false, avg->window, avg->count_include_pad, avg->divisor_override);
  }
  if (dynamic_cast<const AdaptiveMaxPool2dOp*>(&op)) return adaptive(true);
  if (dynamic_cast<const AdaptiveAvgPool2dOp*>(&op)) return adaptive(false);
  return std::nullopt;
}

}  // namespace

std::unique_ptr<Step> make_pool_step(const BindContext& context, std::size_t number) {
  const Graph& graph = context.lowered.graph;
  const Node& node = graph.nodes[number];
  const kernels::Format blocks = kernels::table().blocked();
  if (node.inputs.empty() || context.lowered.format(node.inputs[0]) != blocks) return nullptr;
  const Shape &in = graph[node.inputs[0]].spec.shape, &out = graph[node.outputs[0]].spec.shape;
  if (in.rank() != 4 || out.rank() != 4) return nullptr;
  auto pooling = pooling_of(*node.op, in, out);
  if (!pooling) return nullptr;
  const std::int64_t planes = in[0] * physical_shape(in, blocks)[1];
  return std::make_unique<PoolStep>(node.inputs[0], node.outputs[0], planes, in, out, std::move(*pooling));
}

}  // namespace minnow
