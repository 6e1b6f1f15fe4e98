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
  for (const char* arguments :
       {"", "clasify x.png", "convert a.json b.json c.json", "classify", "classify --tpo 3 x.png",
        "classify --top 0 x.png", "classify --top many x.png", "classify --threads -1 x.png", "summary",
        "list resnet18", "convert a.json", "--nonsense"}) {
    const Outcome result = minnow(arguments);
    EXPECT_EQ(result.code, 2) << arguments;
    EXPECT_THAT(result.out, IsEmpty()) << arguments;
    EXPECT_THAT(result.err, StartsWith("minnow: ")) << arguments;
    EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
  }
}

TEST(Program, NamesItsCommandsWhereNoneIsMeant) {
  EXPECT_THAT(minnow("clasify x.png").err,
              HasSubstr("no command \"clasify\", but classify, summary, list, convert, bench"));
}

TEST(Program, NamesAnOptionThatThereIsNotEvenWhereMoreIsMissing) {
  EXPECT_THAT(minnow("--foo").err, HasSubstr("there is no option --foo here"));
  EXPECT_THAT(minnow("classify --json.png").err,
              HasSubstr("no option --json.png here; of a file called so say ./--json"));
}

TEST(Program, NumbersOutOfRangeAreToldTheRange) {
  for (const char* option : {"classify --threads 0", "classify --threads 100000", "bench --threads 100000"}) {
    const Outcome result = minnow(std::string(option) + " x");
    EXPECT_EQ(result.code, 2) << option;
    EXPECT_THAT(result.err, HasSubstr("not in range 1 to 1024")) << option;
  }
  for (const char* top : {"0", "99999999"}) {
    EXPECT_THAT(minnow(std::string("classify x.png --top ") + top).err, HasSubstr("not in range 1 to 1000000")) << top;
  }
}

TEST(Program, OutputThatDoesNotArriveIsAnError) {
  for (const char* command : {"list", "summary resnet20", "--version"}) {
    const std::string closed = command + std::string(" 2>/dev/null >&- || exit 7; true");
    const std::string full = command + std::string(" 2>/dev/null >/dev/full || exit 7; true");
    EXPECT_EQ(minnow(closed).code, 7) << command;
    EXPECT_EQ(minnow(full).code, 7) << command;
    EXPECT_EQ(minnow(command + std::string(" 2>&1 >/dev/full | cat")).out,
              "minnow: cannot write the output: No space left on device\n")
        << command;
  }
  EXPECT_THAT(minnow("classify gone.jpg " + pictures + "/ship.png 2>&1 >/dev/full | cat").out,
              HasSubstr("minnow: cannot write the output"));  // although a picture is missing as well
}

TEST(Program, AReaderThatLeavesIsNoReasonToSpeak) {
  const Outcome result = minnow("list | head -1");
  EXPECT_THAT(result.out, StartsWith("model "));
  EXPECT_THAT(result.err, IsEmpty());
}

}  // namespace
}  // namespace minnow::test
