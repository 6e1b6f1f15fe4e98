#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

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

TEST(Bench, WorksOutSpeedsFromTimes) {
  const Outcome result = minnow("bench resnet20 --runs 3 --threads 1 --per-step --input 32x3x32x32");
  ASSERT_EQ(result.code, 0) << result.err;
  double ms = 0, speed = 0, share = 0, peak = 0;
  std::istringstream lines(result.out);
  for (std::string line; std::getline(lines, line);) {
    if (line.ends_with(" layer1.0.conv1")) std::istringstream(line) >> ms >> speed >> share;
    if (const std::size_t at = line.find("FMA peak "); at != std::string::npos) peak = std::stod(line.substr(at + 9));
  }
  const double products = 32.0 * 16 * 16 * 9 * 32 * 32;
  EXPECT_GT(peak, 0) << result.out;
  EXPECT_NEAR(speed, 2 * products / ms * 1e-6, 0.02 * speed + 0.1) << result.out;
  EXPECT_NEAR(share, 100 * speed / peak, 0.02 * share + 100 / peak) << result.out;
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
