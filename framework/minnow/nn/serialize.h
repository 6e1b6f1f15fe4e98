#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <ostream>
#include <span>
#include <string>
#include <vector>

#include <minnow/core/export.h>
#include <minnow/io/tensors.h>
#include <minnow/nn/module.h>
#include <minnow/ops/op.h>

namespace minnow::detail {
struct StoredWeights;
}

namespace minnow::nn {

struct LoadOptions {
  bool strict = true;  ///< whether whatever does not fit is an error; else it is left as it was, and reported
};

/// What did not fit when weights were loaded.
struct LoadReport {
  struct Name {
    std::string name;
    std::string nearest;  ///< the most similar name on the other side; empty where none is alike, or thousands are
  };
  struct Misshapen {
    std::string name;
    TensorSpec expected, found;
  };

  std::vector<Name> missing;     ///< in the model, not in the file
  std::vector<Name> unexpected;  ///< in the file, not in the model
  std::vector<Misshapen> misshapen;

  bool empty() const { return missing.empty() && unexpected.empty() && misshapen.empty(); }
};

/// A line that counts, and one for each name, up to a thousand of a kind.
MINNOW_API std::ostream& operator<<(std::ostream& out, const LoadReport& report);

/// Gives the module's parameters and buffers the values of a file of weights, in any format that `read_weights` knows,
/// as torch's load_state_dict does. Names match exactly, but for a leading "module." in the file;
/// "num_batches_tracked" may be absent, and a scalar be [1]; integers become float32 where a parameter is, and whole
/// numbers int64. The module takes the tensors over without copying them: those of safetensors stay in the file's map.
/// Throws for all that does not fit in one error, before other dtypes are converted, and leaves the module as it was
/// then; without `strict` loads the rest and reports. torch:
/// https://pytorch.org/docs/1.13/generated/torch.nn.Module.html#torch.nn.Module.load_state_dict
MINNOW_API LoadReport load(Module& module, const std::filesystem::path& path, const LoadOptions& options = {});
/// The same for a file's bytes in memory, which need not outlive the call.
MINNOW_API LoadReport load(Module& module, std::span<const std::byte> bytes, const LoadOptions& options = {});
/// The same for what `read_weights` returned; the first copies the values, the second takes them over.
MINNOW_API LoadReport load(Module& module, const WeightsFile& file, const LoadOptions& options = {});
MINNOW_API LoadReport load(Module& module, WeightsFile&& file, const LoadOptions& options = {});
/// The same for an open file, of which values are read only where they fit. For zoo::open.
MINNOW_API LoadReport load(Module& module, const minnow::detail::StoredWeights& file, const LoadOptions& options = {});

struct SaveOptions {
  std::optional<WeightsFormat> format = {};  ///< by the file's name where it is not given
};

/// Writes the module's parameters and buffers to a file that appears whole or not at all. Values that nobody loaded are
/// drawn. Reading it gives the same bits. A file that zoo::open understands has a model's name besides: see
/// `weights_of`.
MINNOW_API void save(const Module& module, const std::filesystem::path& path, const SaveOptions& options = {});

/// The module's parameters and buffers as `write_weights` takes them, sharing their values, without metadata.
MINNOW_API WeightsFile weights_of(const Module& module);

}  // namespace minnow::nn

namespace minnow {

using nn::load;
using nn::save;

}  // namespace minnow
