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

/// A pool in blocks of channels.
class PoolStep : public Step {
 public:
  void run(Frame& frame) const override {
    kernels::BlockedPoolArgs own = args;
    own.x = frame.at<float>(x);
    own.y = frame.at<float>(y);
    own.rows = rows.data();
    own.columns = columns.data();
    const auto kernel = kernels::table().blocked_pool;
    parallel_for(planes, 1, [&](std::int64_t first, std::int64_t last) { kernel(own, first, last); });
  }

  std::string algorithm() const override { return "blocked"; }

  ValueId x = -1, y = -1;
  std::int64_t planes = 0;
  std::vector<PoolRegion> rows, columns;
  kernels::BlockedPoolArgs args{};
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

bool describe_pool(PoolStep& step, const Op& op) {
  auto& args = step.args;
  const auto slide = [&](const PoolWindow& w, bool count_padding, std::optional<std::int64_t> divisor) {
    step.rows =
        windows(args.in_h, args.out_h, w.kernel_size.h, w.stride.h, w.padding.h, w.dilation.h, count_padding, divisor);
    step.columns = windows(args.in_w, args.out_w, w.kernel_size.w, w.stride.w, w.padding.w, w.dilation.w, count_padding,
                           divisor ? std::optional<std::int64_t>(1) : std::nullopt);
    args.row_step = w.kernel_size.h == 1 ? 1 : w.dilation.h;  // one row has no next, which may be far beyond
    args.column_step = w.kernel_size.w == 1 ? 1 : w.dilation.w;
  };
  const auto adapt = [&] {
    step.rows = regions(args.in_h, args.out_h);
    step.columns = regions(args.in_w, args.out_w);
    args.row_step = args.column_step = 1;
  };
  if (const auto* max = dynamic_cast<const MaxPool2dOp*>(&op)) {
    args.max = true;
    slide(max->window, true, std::nullopt);
  } else if (const auto* avg = dynamic_cast<const AvgPool2dOp*>(&op)) {
    slide(avg->window, avg->count_include_pad, avg->divisor_override);
  } else if (dynamic_cast<const AdaptiveMaxPool2dOp*>(&op)) {
    args.max = true;
    adapt();
  } else if (dynamic_cast<const AdaptiveAvgPool2dOp*>(&op)) {
    adapt();
  } else {
    return false;
  }
  return true;
}

}  // namespace

std::unique_ptr<Step> make_pool_step(const BindContext& context, std::size_t number) {
  const Graph& graph = context.lowered.graph;
  const Node& node = graph.nodes[number];
  const kernels::Format blocks{kernels::Element::float32, kernels::table().width};
  if (node.inputs.empty() || context.lowered.format(node.inputs[0]) != blocks) return nullptr;
  const Shape &in = graph[node.inputs[0]].spec.shape, &out = graph[node.outputs[0]].spec.shape;
  if (in.rank() != 4 || out.rank() != 4) return nullptr;
  auto step = std::make_unique<PoolStep>();
  step->args.in_h = in[2];
  step->args.in_w = in[3];
  step->args.out_h = out[2];
  step->args.out_w = out[3];
  if (!describe_pool(*step, *node.op)) return nullptr;
  step->x = node.inputs[0];
  step->y = node.outputs[0];
  step->planes = in[0] * physical_shape(in, blocks)[1];
  return step;
}

}  // namespace minnow
