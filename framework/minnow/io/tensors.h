#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <minnow/core/export.h>
#include <minnow/core/tensor.h>
#include <minnow/io/preprocess.h>

namespace minnow {

struct NamedTensor {
  std::string name;  ///< "layer1.0.conv1.weight"
  Tensor value;
};

/// What a file of weights holds. All but the tensors may be empty; nested lists hold tensors alone.
struct MINNOW_API WeightsFile {
  std::string model = {};                              ///< a name that zoo::create knows: "resnet20"
  std::map<std::string, double> options = {};          ///< what the model was created with: num_classes 10
  std::optional<Preset> preset = {};                   ///< how a picture becomes the model's input
  std::vector<std::string> labels = {};                ///< of the classes, in their order
  std::map<std::string, std::string> provenance = {};  ///< "data", "recipe", "accuracy"
  std::vector<NamedTensor> tensors = {};               ///< in the file's order; names are unique

  /// The tensor called `name`, or null.
  const Tensor* find(std::string_view name) const;
};

enum class WeightsFormat {
  minnow,       ///< Minnow's own JSON, described in weights/README.md
  safetensors,  ///< the metadata stands in `__metadata__` under "minnow"
  lists,        ///< json.dump({k: v.tolist() for k, v in model.state_dict().items()}, f): no metadata, no NaN
};

/// What the file's name asks for: ".json" is Minnow's own, ".safetensors" is safetensors. Throws for any other.
MINNOW_API WeightsFormat format_of(const std::filesystem::path& path);

/// Reads a file of weights in any of the formats, told apart by content. JSON is streamed. safetensors are mapped:
/// float32 and int64 tensors share the map, private to this process, and the file must keep its length as long as they
/// live. Other dtypes become float32 or int64. Throws one Error with the file and the place for whatever is wrong.
MINNOW_API WeightsFile read_weights(const std::filesystem::path& path);

/// The same for a file's bytes in memory. The tensors are copies; `bytes` need not outlive the call.
MINNOW_API WeightsFile read_weights(std::span<const std::byte> bytes);

/// Writes the file beside its place and renames it: it appears whole or not at all. Reading it gives the same bits.
/// Throws where the format cannot hold a tensor (lists: NaN, infinities, [0, 3]) or a name stands twice.
MINNOW_API void write_weights(const WeightsFile& file, const std::filesystem::path& path, WeightsFormat format);
inline void write_weights(const WeightsFile& file, const std::filesystem::path& path) {
  write_weights(file, path, format_of(path));
}

}  // namespace minnow
