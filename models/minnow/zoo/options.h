#pragma once

#include <cstdint>
#include <optional>

namespace minnow::zoo {

/// What can be asked of every model of the zoo.
struct ModelOptions {
  std::optional<std::int64_t> num_classes = {};  ///< the number of outputs; that of the model's data set if empty
};

}  // namespace minnow::zoo
