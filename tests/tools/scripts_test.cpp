#include <gmock/gmock.h>

#include <fstream>

#include "tools/python.h"

// The scripts of the tree, which nothing compiles.

namespace minnow::test {
namespace {

using testing::HasSubstr;

std::string files_of(const std::string& extension) {
  std::string files;
  for (const char* folder : {"/tools", "/tests"}) {
    for (const auto& entry : fs::recursive_directory_iterator(std::string(MINNOW_SOURCE_DIR) + folder)) {
      if (entry.path().extension() == extension) files += ' ' + entry.path().string();
    }
  }
  return files;
}

TEST(Scripts, PythonParsesThem) {
  if (!python_imports("sys")) GTEST_SKIP() << "no " << python;
  const Scratch scratch;
  const std::string files = files_of(".py");
  EXPECT_THAT(files, HasSubstr("/tests/golden/make_models.py"));
  EXPECT_THAT(files, HasSubstr("/tools/compare.py"));
  const Outcome result = shell(python + " -X pycache_prefix=" + scratch.path.string() + " -m py_compile" + files);
  EXPECT_EQ(result.code, 0) << result.err;
}

TEST(Scripts, CompareSaysHowItIsUsed) {
  if (!python_imports("sys")) GTEST_SKIP() << "no " << python;
  const std::string compare = python + " " MINNOW_SOURCE_DIR "/tools/compare.py ";
  const Outcome help = shell(compare + "--help");
  EXPECT_EQ(help.code, 0) << help.err;
  EXPECT_THAT(help.out, HasSubstr("--threads"));
  const Outcome unknown = shell(compare + "resnet2");
  EXPECT_EQ(unknown.code, 2);
  EXPECT_THAT(unknown.err, HasSubstr("unknown model 'resnet2'"));
  EXPECT_EQ(shell(compare + "--threads 0").code, 2);
}

TEST(Scripts, CompareWithoutRivalsSaysSoAndEndsWith3) {
  if (!python_imports("sys")) GTEST_SKIP() << "no " << python;
  const Scratch scratch;
  std::ofstream(scratch.path / "torch.py") << "raise ImportError('not here')\n";  // found before PyTorch
  const Outcome result = shell("PYTHONPATH=" + scratch.path.string() + ' ' + python +
                               " -B " MINNOW_SOURCE_DIR "/tools/compare.py resnet18 --json");
  EXPECT_EQ(result.code, 3);
  EXPECT_EQ(result.out, "");
  EXPECT_THAT(result.err, HasSubstr("apt-get install python3-torch"));
}

TEST(Scripts, BashParsesThem) {
  for (const char* script : {"check", "check-arm", "demo", "setup.sh"}) {
    const Outcome result = shell(std::string("bash -n " MINNOW_SOURCE_DIR "/tools/") + script);
    EXPECT_EQ(result.code, 0) << result.err;
  }
}

}  // namespace
}  // namespace minnow::test
