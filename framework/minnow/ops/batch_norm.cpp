#include <algorithm>
#include <cmath>

#include <minnow/core/threads.h>
#include <minnow/ops/batch_norm.h>
#include <minnow/ops/check.h>
#include <minnow/ops/kernels.h>

namespace minnow {
namespace {

/// x as [N, C, inner], with weight and bias per channel or none.
struct Channels {
  const float* x;
  std::int64_t batch, channels, inner;
  const float *weight = nullptr, *bias = nullptr;

  Channels(std::span<const Tensor> inputs, std::size_t statistics)
      : x(inputs[0].data()), batch(inputs[0].dim(0)), channels(inputs[0].dim(1)), inner(1) {
    for (int i = 2; i < inputs[0].rank(); ++i) inner *= inputs[0].dim(i);
    if (inputs.size() <= 1 + statistics) return;
    weight = inputs[1 + statistics].data();
    bias = inputs[2 + statistics].data();
  }

  /// y = (x - mean) / sqrt(var + eps) * weight + bias
  void normalise(const float* mean, const float* var, double eps, float* y) const {
    std::vector<float> scale, shift;
    for (std::int64_t c = 0; c < channels; ++c) {
      const double gain = (weight ? weight[c] : 1.0) / std::sqrt(var[c] + eps);
      scale.push_back(static_cast<float>(gain));
      shift.push_back(static_cast<float>((bias ? bias[c] : 0.0) - mean[c] * gain));
    }
    parallel_for(batch * channels, grain_of(inner, 16384), [&](std::int64_t first, std::int64_t last) {
      while (first < last) {  // what of the range lies in one picture
        const std::int64_t c = first % channels, count = std::min(channels - c, last - first);
        kernels::table().scale_shift({.x = x + first * inner,
                                      .out = y + first * inner,
                                      .outer = 1,
                                      .channels = count,
                                      .inner = inner,
                                      .scale = scale.data() + c,
                                      .shift = shift.data() + c});
        first += count;
      }
    });
  }
};

void check(std::string_view op, std::span<const TensorSpec> inputs) {
  detail::expect_float32(op, inputs);
  const Shape& x = inputs[0].shape;
  if (x.rank() < 2) fail(op, ": expected an input [N, C, ...], got ", x);
  for (const TensorSpec& vector : inputs.subspan(1)) {
    if (vector.shape != Shape{x[1]}) {
      fail(op, ": expected [", x[1], "] per channel, got ", vector.shape, " (input ", x, ")");
    }
  }
}

void append(std::vector<Tensor>& inputs, const char* op, const Tensor& a, const Tensor& b, const char* names) {
  if (a.defined() != b.defined()) fail(op, ": of ", names, " only one is given");
  if (a.defined()) inputs.insert(inputs.end(), {a, b});
}

}  // namespace

std::vector<TensorSpec> BatchNormOp::infer(std::span<const TensorSpec> inputs) const {
  check(name(), inputs);
  return {inputs[0]};
}

void BatchNormOp::eval(std::span<const Tensor> inputs, std::span<Tensor> outputs) const {
  Channels(inputs, 2).normalise(inputs[1].data(), inputs[2].data(), eps, outputs[0].data());
}

std::vector<TensorSpec> BatchNormTrainingOp::infer(std::span<const TensorSpec> inputs) const {
  check(name(), inputs);
  const Shape& x = inputs[0].shape;
  if (x[1] != 0 && x.numel() / x[1] == 1) {
    fail("batch_norm: training needs more than one value per channel, got the input ", x);
  }
  return {inputs[0], {Shape{x[1]}}, {Shape{x[1]}}};
}

void BatchNormTrainingOp::eval(std::span<const Tensor> inputs, std::span<Tensor> outputs) const {
  const Channels channels(inputs, running ? 2 : 0);
  const auto count = static_cast<double>(channels.batch * channels.inner);
  float *mean = outputs[1].data(), *var = outputs[2].data();
  parallel_for(channels.channels, 1, [&](std::int64_t first, std::int64_t last) {
    kernels::table().channel_stats({.x = channels.x,
                                    .outer = channels.batch,
                                    .channels = channels.channels,
                                    .inner = channels.inner,
                                    .first = first,
                                    .last = last,
                                    .mean = mean,
                                    .variance = var});
  });
  channels.normalise(mean, var, eps, outputs[0].data());
  // From here on mean and var are what is kept.
  for (std::int64_t c = 0; c < channels.channels; ++c) {
    const double unbiased = var[c] * (count / (count - 1));
    const auto blend = [&](std::size_t input, double batch) {
      if (!running) return static_cast<float>(batch);
      const float old = inputs[input].data()[c];
      return count == 0 ? old : static_cast<float>((1 - momentum) * old + momentum * batch);
    };
    mean[c] = blend(1, mean[c]);
    var[c] = blend(2, unbiased);
  }
}

Tensor batch_norm(const Tensor& x, const Tensor& mean, const Tensor& var, const Tensor& weight, const Tensor& bias,
                  double eps) {
  std::vector<Tensor> inputs = {x, mean, var};
  append(inputs, "batch_norm", weight, bias, "weight and bias");
  return minnow::apply(std::make_shared<BatchNormOp>(eps), inputs).front();
}

BatchNormResult batch_norm_training(const Tensor& x, const Tensor& mean, const Tensor& var, const Tensor& weight,
                                    const Tensor& bias, const BatchNormOptions& options) {
  std::vector<Tensor> inputs = {x};
  append(inputs, "batch_norm", mean, var, "mean and var");
  append(inputs, "batch_norm", weight, bias, "weight and bias");
  const auto op = std::make_shared<BatchNormTrainingOp>(options.momentum, options.eps, mean.defined());
  std::vector<Tensor> outputs = minnow::apply(op, inputs);
  return {outputs[0], outputs[1], outputs[2]};
}

}  // namespace minnow
