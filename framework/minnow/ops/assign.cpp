#include <cstring>

#include <minnow/ops/binary.h>

namespace minnow {
namespace {

// Makes every handle to `x` see `result`, which was computed through the door.
Tensor& assign(Tensor& x, BinaryKind kind, const Tensor& result) {
  if (result.shape() != x.shape()) {
    fail(name_of(kind), ": the result of shape ", result.shape(), " does not fit into the shape ", x.shape());
  }
  if (result.is_symbolic() && !x.is_symbolic()) {
    fail(name_of(kind), ": a tensor with values, ", x.shape(),
         ", cannot take the symbolic result of a trace: write x = x + y there");
  }
  if (Listener* listener = current_listener()) listener->overwritten(x);
  if (!x.is_symbolic()) {
    std::memcpy(x.storage().get(), result.storage().get(), static_cast<std::size_t>(x.nbytes()));
  }
  if (result.symbol()) x.set_symbol(result.symbol());
  return x;
}

}  // namespace

Tensor& Tensor::operator+=(const Tensor& other) { return assign(*this, BinaryKind::add, add(*this, other)); }
Tensor& Tensor::operator-=(const Tensor& other) { return assign(*this, BinaryKind::sub, sub(*this, other)); }
Tensor& Tensor::operator*=(const Tensor& other) { return assign(*this, BinaryKind::mul, mul(*this, other)); }
Tensor& Tensor::operator/=(const Tensor& other) { return assign(*this, BinaryKind::div, div(*this, other)); }
Tensor& Tensor::operator+=(double value) { return assign(*this, BinaryKind::add, add(*this, value)); }
Tensor& Tensor::operator-=(double value) { return assign(*this, BinaryKind::sub, sub(*this, value)); }
Tensor& Tensor::operator*=(double value) { return assign(*this, BinaryKind::mul, mul(*this, value)); }
Tensor& Tensor::operator/=(double value) { return assign(*this, BinaryKind::div, div(*this, value)); }

}  // namespace minnow
