#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include <minnow/core/export.h>
#include <minnow/io/tensors.h>

namespace minnow::detail {

/// What errors call weights that are not in a file.
inline constexpr const char* kWeightsInMemory = "weights in memory";

/// A tensor in a file of weights. Its values are converted, and take memory, when they are asked for: a file that does
/// not fit the model is refused before that.
struct StoredTensor {
  std::string name;
  Shape shape;
  DType dtype;
  std::function<Tensor()> read;
};

struct StoredWeights {
  WeightsFile about;  ///< all but the tensors
  std::vector<StoredTensor> tensors;
};

/// `read_weights` without the values of safetensors. `bytes` must outlive the result.
MINNOW_API StoredWeights open_weights(const std::filesystem::path& path);
MINNOW_API StoredWeights open_weights(std::span<const std::byte> bytes);

/// A file that was read. The tensors share its values.
MINNOW_API StoredWeights stored(WeightsFile file);

}  // namespace minnow::detail
