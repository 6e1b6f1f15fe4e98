#include "pictures.h"

#include <algorithm>
#include <cctype>

#include <minnow/core/error.h>

namespace minnow::tool {

namespace fs = std::filesystem;

namespace {

bool is_picture(const fs::path& path) {
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return extension == ".jpg" || extension == ".jpeg" || extension == ".png";
}

}  // namespace

std::vector<fs::path> find_pictures(const std::vector<std::string>& arguments) {
  std::vector<fs::path> result;
  for (const std::string& argument : arguments) {
    if (!fs::is_directory(argument)) {
      result.emplace_back(argument);
      continue;
    }
    std::vector<fs::path> found;
    for (const auto& entry : fs::recursive_directory_iterator(argument)) {
      if (entry.is_regular_file() && is_picture(entry.path())) found.push_back(entry.path());
    }
    if (found.empty()) fail(argument, ": there is no .jpg, .jpeg or .png in this folder");
    std::sort(found.begin(), found.end());
    result.insert(result.end(), found.begin(), found.end());
  }
  return result;
}

}  // namespace minnow::tool
