#include <algorithm>
#include <cmath>

#include <minnow/core/threads.h>
#include <minnow/ops/check.h>
#include <minnow/ops/interpolate.h>

namespace minnow {
namespace {

// Where an output row or column comes from: two neighbours of the input and the weight of the second. Nearest has
// weight 0.
struct Sample {
  std::int64_t first, second;
  float weight;
};

// As torch computes it: the scale in float32, places beyond it, and without a change of size nothing, whatever the
// factor.
std::vector<Sample> samples(std::int64_t in, std::int64_t out, double factor, const InterpolateOptions& options) {
  float scale =
      options.scale_factor.given ? static_cast<float>(1.0 / factor) : static_cast<float>(in) / static_cast<float>(out);
  if (options.align_corners) scale = out > 1 ? static_cast<float>(in - 1) / static_cast<float>(out - 1) : 0.0f;
  std::vector<Sample> result;
  for (std::int64_t i = 0; i < out; ++i) {
    if (options.mode == InterpolateMode::nearest) {
      const float place = std::floor(static_cast<float>(i) * scale);
      const std::int64_t nearest = std::min(static_cast<std::int64_t>(place), in - 1);
      result.push_back({nearest, nearest, 0.0f});
    } else if (in == out) {
      result.push_back({i, i, 0.0f});
    } else {
      const double at = static_cast<double>(i), step = scale;
      const double place = options.align_corners ? step * at : std::max(step * (at + 0.5) - 0.5, 0.0);
      const std::int64_t first = std::min(static_cast<std::int64_t>(place), in - 1);
      const double weight = std::clamp(place - static_cast<double>(first), 0.0, 1.0);
      result.push_back({first, std::min(first + 1, in - 1), static_cast<float>(weight)});
    }
  }
  return result;
}

}  // namespace

std::string InterpolateOp::attributes() const {
  const bool bilinear = options.mode == InterpolateMode::bilinear;
  const std::string target = options.size
                                 ? str("size=", *options.size)
                                 : str("scale_factor=(", options.scale_factor.h, ", ", options.scale_factor.w, ")");
  return target + (bilinear ? " mode=bilinear" : "") + (options.align_corners ? " align_corners" : "");
}

std::vector<TensorSpec> InterpolateOp::infer(std::span<const TensorSpec> inputs) const {
  detail::expect_float32("interpolate", inputs);
  return {{interpolate_shape(inputs[0].shape, options), DType::float32}};
}

void InterpolateOp::eval(std::span<const Tensor> inputs, std::span<Tensor> outputs) const {
  const Tensor& x = inputs[0];
  Tensor& out = outputs[0];
  const std::int64_t in_h = x.dim(-2), in_w = x.dim(-1), out_h = out.dim(-2), out_w = out.dim(-1);
  const std::vector<Sample> rows = samples(in_h, out_h, options.scale_factor.h, options);
  const std::vector<Sample> columns = samples(in_w, out_w, options.scale_factor.w, options);
  const bool nearest = options.mode == InterpolateMode::nearest;
  const float* from = x.data();
  float* to = out.data();
  const std::int64_t lines = out.numel() / out_w;
  parallel_for(lines, grain_of(out_w, 16384), [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t line = begin; line < end; ++line) {
      const Sample& row = rows[static_cast<std::size_t>(line % out_h)];
      const float* plane = from + line / out_h * in_h * in_w;
      const float *upper = plane + row.first * in_w, *lower = plane + row.second * in_w;
      float* result = to + line * out_w;
      for (const Sample& column : columns) {
        if (nearest) {
          *result++ = upper[column.first];
          continue;
        }
        const float right = column.weight, left = 1.0f - right;
        const float above = left * upper[column.first] + right * upper[column.second];
        const float below = left * lower[column.first] + right * lower[column.second];
        *result++ = (1.0f - row.weight) * above + row.weight * below;
      }
    }
  });
}

Tensor interpolate(const Tensor& x, const InterpolateOptions& options) { return apply<InterpolateOp>({x}, options); }

}  // namespace minnow
