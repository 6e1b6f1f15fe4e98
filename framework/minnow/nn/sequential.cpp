#include <minnow/core/error.h>
#include <minnow/nn/sequential.h>

namespace minnow::nn {

Sequential& Sequential::push_back(AnyModule module) {
  items_.push_back(add(std::to_string(items_.size()), std::move(module)));
  return *this;
}

Module& Sequential::operator[](std::size_t i) const {
  if (i >= items_.size()) fail("Sequential: there is no module ", i, " among ", items_.size());
  return *items_[i];
}

Tensor Sequential::forward(const Tensor& x) const {
  Tensor y = x;
  for (const auto& module : items_) y = module(y);
  return y;
}

}  // namespace minnow::nn
