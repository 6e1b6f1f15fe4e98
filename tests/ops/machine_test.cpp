#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <minnow/ops/machine.h>

namespace minnow {
namespace {

TEST(Machine, NamesAnInstructionSetOfThisBuild) {
  EXPECT_THAT(instruction_set(), testing::AnyOf(testing::StrEq("amx"), testing::StrEq("avx512"), testing::StrEq("avx2"),
                                                testing::StrEq("sse2"), testing::StrEq("neon64")));
}

TEST(Machine, ThePeakIsMoreThanAnEmulatorDoesAndLessThanAnyCore) {
  const double peak = measure_peak();
  EXPECT_GT(peak, 1e7);
  EXPECT_LT(peak, 1e13);
}

}  // namespace
}  // namespace minnow
