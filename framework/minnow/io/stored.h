#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <new>
#include <span>
#include <string>
#include <vector>

#include <minnow/core/error.h>
#include <minnow/core/export.h>
#include <minnow/io/tensors.h>

namespace minnow::detail {

/// Runs the body; what it throws, or that there is not enough memory, is said to come from `source` where that has a
/// name.
template <class Body>
auto errors_from(const std::string& source, Body&& body) {
  const std::string start = source.empty() ? "" : source + ": ";
  try {
    return body();
  } catch (const Error& error) {
    throw Error(start + error.what());
  } catch (const std::bad_alloc&) {
    throw Error(start + "there is not enough memory");
  }
}

/// A tensor in a file of weights. Its values are converted, and take memory, when they are asked for: a file that does
/// not fit the model is refused before that.
struct StoredTensor {
  std::string name;
  Shape shape;
  DType dtype;
  std::function<Tensor()> read;
};

struct StoredWeights {
  WeightsFile about;   ///< all but the tensors
  std::string source;  ///< what errors call it; empty for what was not read
  std::vector<StoredTensor> tensors;
};

/// `read_weights` without the values of safetensors. `bytes` must outlive the result.
MINNOW_API StoredWeights open_weights(const std::filesystem::path& path);
MINNOW_API StoredWeights open_weights(std::span<const std::byte> bytes);

/// A file that was read. The tensors share its values.
MINNOW_API StoredWeights stored(WeightsFile file);

}  // namespace minnow::detail
