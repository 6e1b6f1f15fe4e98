#pragma once

#include <minnow/core/export.h>
#include <minnow/nn/module.h>
#include <minnow/ops/pad.h>

namespace minnow::nn {

/// Zeros around the picture, as many on every side or {left, right, top, bottom}: negative numbers cut off.
/// https://pytorch.org/docs/stable/generated/torch.nn.ZeroPad2d.html
struct MINNOW_API ZeroPad2d : Module {
  explicit ZeroPad2d(std::int64_t all) : ZeroPad2d(all, all, all, all) {}
  ZeroPad2d(std::int64_t left_, std::int64_t right_, std::int64_t top_, std::int64_t bottom_)
      : left(left_), right(right_), top(top_), bottom(bottom_) {}

  Tensor forward(const Tensor& x) const override { return pad(x, {left, right, top, bottom}); }
  std::string extra_repr() const override { return str("(", left, ", ", right, ", ", top, ", ", bottom, ')'); }

  std::int64_t left, right, top, bottom;
};

}  // namespace minnow::nn
