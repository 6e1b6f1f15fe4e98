#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <span>
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
 public:
  InputSpecs(std::initializer_list<std::int64_t> dims) : specs_{Shape(dims)} {}
  InputSpecs(const Shape& shape) : specs_{shape} {}
  InputSpecs(std::initializer_list<TensorSpec> specs) : specs_(specs) {}
  /// A vector, an array or a span.
  template <std::convertible_to<std::span<const TensorSpec>> Specs>
  InputSpecs(const Specs& specs) : specs_(std::begin(specs), std::end(specs)) {}

  operator const std::vector<TensorSpec>&() const { return specs_; }

 private:
  std::vector<TensorSpec> specs_;
};

}  // namespace minnow
