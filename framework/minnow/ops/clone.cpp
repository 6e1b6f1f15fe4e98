#include <cstring>

#include <minnow/ops/clone.h>

namespace minnow {

void CloneOp::eval(std::span<const Tensor> inputs, std::span<Tensor> outputs) const {
  std::memcpy(outputs[0].storage().get(), inputs[0].storage().get(), static_cast<std::size_t>(inputs[0].nbytes()));
}

Tensor clone(const Tensor& x) { return apply<CloneOp>({x}); }

Tensor Tensor::clone() const { return minnow::clone(*this); }

}  // namespace minnow
