#include <gtest/gtest.h>

#include <algorithm>
#include <array>
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

// The lines of a file from the first that begins with `first` to the one before `end`, without indentation.
std::string excerpt(const std::string& file, const std::string& first, const std::string& end) {
  std::string text;
  for (std::string line : lines(file)) {
    line.erase(0, std::min(line.find_first_not_of(' '), line.size()));
    if (text.empty() && !line.starts_with(first)) continue;
    if (line.starts_with(end)) break;
    text += line + '\n';
  }
  return text;
}

TEST(Files, TheReadmeShowsTheExamplesAsTheyAre) {
  for (const auto& [file, first, end] : {std::array{"resnet", "const auto classifier", "return 0;"},
                                         std::array{"custom_model", "// y = relu", "// The shape rules"}}) {
    std::string code = excerpt(std::string("tools/examples/") + file + ".cpp", first, end);
    while (code.ends_with("\n\n")) code.pop_back();
    ASSERT_GT(code.size(), 100u) << file;
    EXPECT_NE(excerpt("README.md", first, "```").find(code), std::string::npos) << file << " shows\n" << code;
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
