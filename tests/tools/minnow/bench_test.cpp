#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tools/run.h"

namespace minnow::test {
namespace {

using testing::HasSubstr;

TEST(Bench, TimesAModelAndItsSteps) {
  const Outcome result = minnow("bench resnet20 --runs 2 --threads 1 --per-step");
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("layer3.2.conv2"));
  EXPECT_THAT(result.out, HasSubstr("median of 2"));
}

TEST(Bench, SaysWhatIsWrong) {
  const Outcome result = minnow("bench resnet21");
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.err, HasSubstr("resnet20"));
}

TEST(SummaryCommand, ShowsThePlan) {
  const Outcome result = minnow("summary resnet20 --plan");
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("arena:"));
  EXPECT_THAT(result.out, HasSubstr("layer1.0.conv1"));
}

}  // namespace
}  // namespace minnow::test
