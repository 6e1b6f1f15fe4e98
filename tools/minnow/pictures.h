#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace minnow::tool {

/// The files that `arguments` name: each as it is, and of a folder the .jpg, .jpeg and .png below it, sorted. Throws
/// where a folder has none or cannot be read.
std::vector<std::filesystem::path> find_pictures(const std::vector<std::string>& arguments);

}  // namespace minnow::tool
