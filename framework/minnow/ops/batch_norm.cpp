#include <cmath>

#include <minnow/core/threads.h>
#include <minnow/ops/batch_norm.h>
#include <minnow/ops/check.h>

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

  const float* at(std::int64_t n, std::int64_t c) const { return x + (n * channels + c) * inner; }

  /// Writes channel `c` of y.
  void normalise(std::int64_t c, double mean, double var, double eps, float* y) const {
    const double gain = (weight ? weight[c] : 1.0) / std::sqrt(var + eps);
    const auto scale = static_cast<float>(gain), shift = static_cast<float>((bias ? bias[c] : 0.0) - mean * gain);
    for (std::int64_t n = 0; n < batch; ++n) {
      const float* from = at(n, c);
      float* to = y + (from - x);
      for (std::int64_t i = 0; i < inner; ++i) to[i] = from[i] * scale + shift;
    }
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
  const Channels channels(inputs, 2);
  const float *mean = inputs[1].data(), *var = inputs[2].data();
  float* y = outputs[0].data();
  parallel_for(channels.channels, 1, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t c = first; c < last; ++c) channels.normalise(c, mean[c], var[c], eps, y);
  });
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
  float *y = outputs[0].data(), *new_mean = outputs[1].data(), *new_var = outputs[2].data();
  const auto blend = [&](std::size_t input, std::int64_t c, double batch) {
    if (!running) return static_cast<float>(batch);
    const double old = inputs[input].data()[c];
    return static_cast<float>(count == 0 ? old : (1 - momentum) * old + momentum * batch);
  };
  parallel_for(channels.channels, 1, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t c = first; c < last; ++c) {
      double sum = 0, squares = 0;
      for (std::int64_t n = 0; n < channels.batch; ++n) {
        for (std::int64_t i = 0; i < channels.inner; ++i) sum += channels.at(n, c)[i];
      }
      const double mean = sum / count;
      for (std::int64_t n = 0; n < channels.batch; ++n) {
        for (std::int64_t i = 0; i < channels.inner; ++i) {
          const double difference = channels.at(n, c)[i] - mean;
          squares += difference * difference;
        }
      }
      channels.normalise(c, mean, squares / count, eps, y);
      new_mean[c] = blend(1, c, mean);
      new_var[c] = blend(2, c, squares / (count - 1));
    }
  });
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
