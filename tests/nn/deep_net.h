#pragma once

#include <minnow/nn/linear.h>
#include <minnow/nn/sequential.h>
#include <minnow/ops/binary.h>

namespace minnow::nn {
namespace {

struct TwoLayers : Module {
  explicit TwoLayers(std::int64_t width = 4) : features(width) {}

  std::int64_t features;
  Child<Linear> first = add("first", Linear(features, features));
  Child<Linear> second = add("second", Linear(features, features, {.bias = false}));

  Tensor forward(const Tensor& x) const override { return second(first(x)) + x; }
};

// Parameters, buffers and children below children.
struct DeepNet : Module {
  Parameter scale = parameter("scale", {1}, Init::constant(2.0f));
  Child<Sequential> body = add("body", Sequential(TwoLayers(), TwoLayers()));
  Parameter shift = parameter("shift", {1}, Init::constant(1.0f));
  Child<Linear> fc = add("fc", Linear(4, 3));
  Parameter calls = buffer("calls", {}, Init::constant(0.0f), DType::int64);

  Tensor forward(const Tensor& x) const override { return fc(body(x)) * scale + shift; }
};

}  // namespace
}  // namespace minnow::nn
