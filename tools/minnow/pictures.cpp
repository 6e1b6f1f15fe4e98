#include "pictures.h"

#include <algorithm>
#include <cctype>
#include <system_error>

namespace minnow::tool {

namespace fs = std::filesystem;

namespace {

bool is_picture(const fs::path& path) {
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return extension == ".jpg" || extension == ".jpeg" || extension == ".png";
}

// Adds the pictures in a folder and in those below it, except behind links to folders. One that cannot be read is an
// error, and the others go on.
void walk(const fs::path& top, Pictures& result) {
  for (std::vector<fs::path> folders = {top}; !folders.empty();) {
    const fs::path folder = std::move(folders.back());
    folders.pop_back();
    std::error_code error, none;
    fs::directory_iterator entry(folder, error);
    for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
      if (entry->is_directory(none) && !entry->is_symlink(none)) {
        folders.push_back(entry->path());
      } else if (is_picture(entry->path()) && (entry->is_regular_file(none) || !entry->exists(none))) {
        // (A link to nothing is told of when it is read.)
        result.files.push_back(entry->path());
      }
    }
    if (error) result.errors.emplace_back(folder.string(), folder.string() + ": " + error.message());
  }
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
    const std::size_t files = result.files.size(), errors = result.errors.size();
    walk(argument, result);
    if (result.files.size() == files && result.errors.size() == errors) {
      result.errors.emplace_back(argument, argument + ": there is no .jpg, .jpeg or .png in this folder");
    }
    std::sort(result.files.begin() + static_cast<std::ptrdiff_t>(files), result.files.end());
  }
  return result;
}

}  // namespace minnow::tool
