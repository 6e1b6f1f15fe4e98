#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include <minnow/core/tensor.h>

namespace minnow {

/// An element type of safetensors: its bytes, and what it becomes here.
struct StoredType {
  std::size_t size;
  DType dtype;
  /// Converts elements into a tensor of `dtype` and as many; null where the bytes are kept as they are.
  void (*convert)(std::span<const std::byte> bytes, Tensor& tensor);
};

/// F32 and I64 are kept; F64, F16, BF16 become float32; smaller integers and BOOL int64. Throws for any other.
StoredType stored_type(std::string_view name);

}  // namespace minnow
