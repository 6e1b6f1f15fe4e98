#pragma once

#include <functional>

#include <minnow/core/error.h>
#include <minnow/core/export.h>
#include <minnow/nn/module.h>

namespace minnow::nn {

/// A function as a module without parameters. Sequential and `add` make one of a C++ lambda by themselves. Throws where
/// the function is empty.
struct MINNOW_API Lambda : Module {
  explicit Lambda(std::function<Tensor(const Tensor&)> f) : function(std::move(f)) {
    if (!function) fail("Lambda: the function is empty");
  }

  Tensor forward(const Tensor& x) const override { return function(x); }

  std::function<Tensor(const Tensor&)> function;
};

}  // namespace minnow::nn
