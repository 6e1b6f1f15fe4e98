#include <gmock/gmock.h>

#include <algorithm>

#include "tools/run.h"

namespace minnow::test {
namespace {

using testing::HasSubstr, testing::IsEmpty, testing::StartsWith;

TEST(Program, EveryCommandExplainsItself) {
  for (const char* command : {"", "classify ", "summary ", "list ", "convert "}) {
    const Outcome help = minnow(std::string(command) + "--help");
    EXPECT_EQ(help.code, 0) << command;
    EXPECT_THAT(help.out, HasSubstr("Usage: minnow")) << command;
    EXPECT_THAT(help.err, IsEmpty()) << command;
  }
}

TEST(Program, KnowsItsVersion) {
  const Outcome version = minnow("--version");
  EXPECT_EQ(version.code, 0);
  EXPECT_THAT(version.out, StartsWith("minnow "));
}

TEST(Program, ACommandLineThatMakesNoSenseIsOneLineAndCodeTwo) {
  for (const char* arguments : {"", "clasify x.png", "classify", "classify --tpo 3 x.png", "classify --top 0 x.png",
                                "classify --top many x.png", "classify --threads -1 x.png", "summary", "list resnet18",
                                "convert a.json", "--nonsense"}) {
    const Outcome result = minnow(arguments);
    EXPECT_EQ(result.code, 2) << arguments;
    EXPECT_THAT(result.out, IsEmpty()) << arguments;
    EXPECT_THAT(result.err, StartsWith("minnow: ")) << arguments;
    EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
  }
}

}  // namespace
}  // namespace minnow::test
