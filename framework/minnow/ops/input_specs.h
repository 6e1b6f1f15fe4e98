#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <span>
#include <type_traits>
#include <vector>

#include <minnow/ops/op.h>

namespace minnow {

/// What a model's inputs are, without their values. As an argument it is written
///
///   {1, 3, 224, 224}                            one float32 input of this shape; a Shape works too
///   {{1, 3, 224, 224}, {1, 16}}                 two of them
///   {{1, 3, 224, 224}, {{1}, DType::int64}}     the second one of whole numbers
///   {{{1, 77}, DType::int64}}                   one, of whole numbers
///
/// or is a vector, an array or a span of TensorSpec.
class InputSpecs {
  struct Dim {
    std::int64_t size;
    template <std::integral I>
    constexpr Dim(I dim) : size(dim) {}
  };

 public:
  InputSpecs(std::initializer_list<TensorSpec> specs) : specs_(specs) {}
  InputSpecs(const Shape& shape) : specs_{shape} {}
  /// One shape. A template, so that {{4}, {4}} are two.
  template <class D = Dim>
  InputSpecs(std::initializer_list<std::type_identity_t<D>> dims) : specs_(1) {
    for (const Dim dim : dims) specs_[0].shape.push_back(dim.size);
  }
  /// A vector, an array or a span.
  template <std::convertible_to<std::span<const TensorSpec>> Specs>
  InputSpecs(const Specs& specs) : specs_(std::begin(specs), std::end(specs)) {}

  operator const std::vector<TensorSpec>&() const { return specs_; }

 private:
  std::vector<TensorSpec> specs_;
};

}  // namespace minnow
