#pragma once

#include <span>

#include <minnow/core/error.h>
#include <minnow/core/tensor.h>

namespace minnow::nn {

/// The inputs of a call, for the forward of a module that takes several. It refers to them, as a span does.
class Inputs {
 public:
  Inputs(std::span<const Tensor> tensors) : tensors_(tensors) {}

  /// The i-th input. Throws where the module was called with fewer.
  const Tensor& operator[](std::size_t i) const {
    if (i >= tensors_.size()) {
      fail("there is no input ", i, " (counted from 0): the module was called with ", tensors_.size());
    }
    return tensors_[i];
  }
  std::size_t size() const { return tensors_.size(); }
  auto begin() const { return tensors_.begin(); }
  auto end() const { return tensors_.end(); }

 private:
  std::span<const Tensor> tensors_;
};

}  // namespace minnow::nn
