#pragma once

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

// What the tests of the architecture read: the C++ files of the tree, paths relative to its root.

inline std::filesystem::path root() { return MINNOW_SOURCE_DIR; }

inline std::vector<std::string> cpp_files(std::initializer_list<const char*> folders) {
  std::vector<std::string> files;
  for (const char* folder : folders) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root() / folder)) {
      const std::string extension = entry.path().extension().string();
      if (extension == ".h" || extension == ".cpp") files.push_back(relative(entry.path(), root()).generic_string());
    }
  }
  return files;
}

inline std::vector<std::string> lines(const std::string& file) {
  std::vector<std::string> result;
  std::ifstream in(root() / file);
  for (std::string line; std::getline(in, line);) result.push_back(line);
  return result;
}
