#include "pictures.h"

#include <algorithm>
#include <cctype>

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

Pictures find_pictures(const std::vector<std::string>& arguments) {
  Pictures result;
  for (const std::string& argument : arguments) {
    std::error_code error;
    if (!fs::is_directory(argument, error)) {
      result.files.emplace_back(argument);
      continue;
    }
    std::vector<fs::path> found;
    fs::recursive_directory_iterator entry(argument, error);
    for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
      if (entry->is_regular_file(error) && is_picture(entry->path())) found.push_back(entry->path());
    }
    if (error) {
      result.errors.emplace_back(argument, argument + ": " + error.message());
    } else if (found.empty()) {
      result.errors.emplace_back(argument, argument + ": there is no .jpg, .jpeg or .png in this folder");
    }
    std::sort(found.begin(), found.end());
    result.files.insert(result.files.end(), found.begin(), found.end());
  }
  return result;
}

}  // namespace minnow::tool
