#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tools/run.h"

namespace minnow::test {
namespace {

using testing::AllOf, testing::HasSubstr, testing::Not;

TEST(Bench, TimesAModelAndItsSteps) {
  const Outcome result = minnow("bench resnet20 --runs 2 --threads 1 --per-step");
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("layer3.2.conv2"));
  EXPECT_THAT(result.out, HasSubstr("median of 2"));
}

TEST(Bench, ShowsAlgorithmsAndShapesOfTheSteps) {
  const std::string command = "bench resnet20 --runs 1 --per-step --input 2x3x16x16";
  const Outcome fast = minnow(command), exact = minnow(command + " --exact");
  EXPECT_THAT(fast.out, AllOf(HasSubstr("% peak"), HasSubstr("winograd"), HasSubstr("[2, 64, 4, 4]")));
  EXPECT_THAT(exact.out, AllOf(HasSubstr("direct"), Not(HasSubstr("winograd"))));
}

TEST(Bench, WithoutPerStepIsOneLine) {
  const Outcome result = minnow("bench " + shipped_weights + " --runs 1");
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(std::ranges::count(result.out, '\n'), 1) << result.out;
}

TEST(Bench, SaysWhatIsWrong) {
  const std::pair<const char*, const char*> cases[] = {
      {"bench resnet21", "resnet20"},
      {"bench resnet20 --input 3x32", "such as 3x224x224"},
      {"bench resnet20 --input 4x32x32", "expected 3 input channels"},
      {"bench resnet20 --runs 0", "--runs"},
      {"bench resnet20 --threads -1", "--threads"},
      {"bench resnet20 --input 0x32x32", "such as 3x224x224"},
      {"bench resnet20 --input 3x1000000x1000000", "no memory for a tensor of shape [1, 3, 1000000, 1000000]"},
      {"bench resnet20 --runs 99999999999", "not in range 1 to 100000"},
      {"bench gone.json", "gone.json: cannot open"}};
  for (const auto& [command, message] : cases) {
    const Outcome result = minnow(command);
    EXPECT_NE(result.code, 0) << command;
    EXPECT_THAT(result.err, HasSubstr(message));
    EXPECT_EQ(result.out, "") << command;
  }
}

}  // namespace
}  // namespace minnow::test
