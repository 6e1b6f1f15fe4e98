#pragma once

#include <functional>

#include <minnow/core/export.h>
#include <minnow/nn/module.h>

namespace minnow::nn {

/// A function as a module without parameters. Sequential and `add` make one of a C++ lambda by themselves.
struct MINNOW_API Lambda : Module {
  explicit Lambda(std::function<Tensor(const Tensor&)> f) : function(std::move(f)) {}

  Tensor forward(const Tensor& x) const override { return function(x); }

  std::function<Tensor(const Tensor&)> function;
};

}  // namespace minnow::nn
