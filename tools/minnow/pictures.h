#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace minnow::tool {

struct Pictures {
  std::vector<std::filesystem::path> files;
  std::vector<std::pair<std::string, std::string>> errors;  ///< an argument or a folder, and what is wrong with it
};

/// The files that `arguments` name: each as it is, and of a folder the .jpg, .jpeg and .png below it, sorted, links to
/// folders excepted. A folder that has none or cannot be read is an error, and the rest goes on.
Pictures find_pictures(const std::vector<std::string>& arguments);

}  // namespace minnow::tool
