#pragma once

#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

/// Runs the programs that were built, and says what came of it.

namespace minnow::test {

namespace fs = std::filesystem;

inline const std::string pictures = MINNOW_SOURCE_DIR "/tools/examples/pictures";
inline const std::string shipped_weights = MINNOW_SOURCE_DIR "/weights/resnet20-cifar10.json";

inline std::string text_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// A folder of this test's own, which goes with the object.
struct Scratch {
  explicit Scratch(const std::string& suffix = "") {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    path =
        fs::path(testing::TempDir()) / (std::string("minnow-") + test->test_suite_name() + '-' + test->name() + suffix);
    fs::remove_all(path);
    fs::create_directories(path);
  }
  ~Scratch() { fs::remove_all(path); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  /// The path of a file there, which is created if a text is given.
  std::string file(const std::string& name) const { return (path / name).string(); }
  std::string file(const std::string& name, const std::string& text) const {
    std::ofstream(path / name, std::ios::binary) << text;
    return file(name);
  }

  fs::path path;
};

struct Outcome {
  int code;  // the exit code
  std::string out, err;
};

/// Runs a command, as the shell reads it.
inline Outcome shell(const std::string& command) {
  const Scratch scratch("-run");
  const std::string out = scratch.file("out"), err = scratch.file("err");
  const int status = std::system((command + " >" + out + " 2>" + err).c_str());
  if (!WIFEXITED(status)) throw std::runtime_error("killed: " + command);
  return {WEXITSTATUS(status), text_of(out), text_of(err)};
}

/// Runs a program of build/.../bin with arguments as the shell reads them.
inline Outcome run(const std::string& program, const std::string& arguments) {
  return shell(MINNOW_BIN_DIR "/" + program + ' ' + arguments);
}

inline Outcome minnow(const std::string& arguments) { return run("minnow", arguments); }

}  // namespace minnow::test
