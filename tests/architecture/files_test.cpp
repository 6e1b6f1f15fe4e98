#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "architecture/source_tree.h"

namespace {

TEST(Files, TheRootHoldsOnlyThePlannedParts) {
  const std::set<std::string> planned = {
      "framework",         "models",    "tools",  "tests", "weights", "CMakeLists.txt",
      "CMakePresets.json", "README.md", "LICENSE"};
  for (const auto& entry : std::filesystem::directory_iterator(root())) {
    const std::string name = entry.path().filename().string();
    const bool built = name.starts_with("build");
    EXPECT_TRUE(built || name.starts_with(".") || planned.contains(name)) << name;
  }
}

TEST(Files, AreShortEnoughToReadAtOnce) {
  for (const std::string& file : cpp_files({"framework", "models", "tools", "tests"})) {
    EXPECT_LE(lines(file).size(), 400u) << file;
  }
}

TEST(Files, HeadersAreIncludedOnce) {
  for (const std::string& file : cpp_files({"framework", "models"})) {
    if (!file.ends_with(".h") || file.ends_with(".inl.h")) continue;
    const auto text = lines(file);
    EXPECT_NE(std::find(text.begin(), text.end(), "#pragma once"), text.end()) << file;
  }
}

TEST(Files, TestsStandWhereTheirSourcesStand) {
  for (const std::string& file : cpp_files({"tests"})) {
    if (!file.ends_with("_test.cpp")) continue;
    const std::string folder = file.substr(6, file.find('/', 6) - 6);
    const bool known = exists(root() / "framework/minnow" / folder) || exists(root() / "models/minnow" / folder) ||
                       folder == "architecture" || folder == "package" || folder == "tools";
    EXPECT_TRUE(known) << file;
  }
}

}  // namespace
