#pragma once

#include <string>
#include <vector>

#include <minnow/zoo/zoo.h>

namespace minnow::zoo {

/// The names of all models, for tests that run once for each.
inline std::vector<std::string> model_names() {
  std::vector<std::string> names;
  for (const ModelEntry& entry : list()) names.emplace_back(entry.name);
  return names;
}

}  // namespace minnow::zoo
