#include <minnow/nn/batch_norm2d.h>
#include <minnow/nn/repr.h>
#include <minnow/ops/batch_norm.h>

namespace minnow::nn {

BatchNorm2d::BatchNorm2d(std::int64_t features, BatchNorm2dOptions opts) : num_features(features), options(opts) {
  if (opts.affine) {
    weight = parameter("weight", {features}, Init::constant(1));
    bias = parameter("bias", {features}, Init::constant(0));
  }
  if (opts.track_running_stats) {
    running_mean = buffer("running_mean", {features}, Init::constant(0));
    running_var = buffer("running_var", {features}, Init::constant(1));
    num_batches_tracked = buffer("num_batches_tracked", {}, Init::constant(0), DType::int64);
  }
}

Tensor BatchNorm2d::forward(const Tensor& x) const {
  if (x.rank() != 4 || x.dim(1) != num_features) {
    fail("batch_norm: expected an input [N, ", num_features, ", H, W], got ", x.shape());
  }
  const bool tracked = options.track_running_stats;
  if (!is_training() && tracked) return batch_norm(x, running_mean, running_var, weight, bias, options.eps);
  if (!tracked) return batch_norm_training(x, {}, {}, weight, bias, {.eps = options.eps}).y;

  const std::int64_t batches = num_batches_tracked.value().item<std::int64_t>() + 1;
  const double momentum = options.momentum.value_or(1.0 / static_cast<double>(batches));
  const BatchNormResult result =
      batch_norm_training(x, running_mean, running_var, weight, bias, {.momentum = momentum, .eps = options.eps});
  running_mean.assign(result.mean);
  running_var.assign(result.var);
  num_batches_tracked.assign(tensor(std::span(&batches, 1), Shape{}));
  return result.y;
}

std::string BatchNorm2d::extra_repr() const {
  return str(num_features, ", eps=", repr(options.eps),
             ", momentum=", options.momentum ? repr(*options.momentum) : "None", ", affine=", repr(options.affine),
             ", track_running_stats=", repr(options.track_running_stats));
}

}  // namespace minnow::nn
