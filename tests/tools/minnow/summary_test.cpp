#include <gmock/gmock.h>

#include "tools/run.h"

namespace minnow::test {
namespace {

using testing::HasSubstr, testing::IsEmpty;

TEST(SummaryCommand, ShowsAModelByName) {
  const Outcome result = minnow("summary resnet18");
  EXPECT_EQ(result.code, 0);
  EXPECT_THAT(result.out, HasSubstr("layer4.1.conv2"));
  EXPECT_THAT(result.out, HasSubstr("input [1, 3, 224, 224]"));
  EXPECT_THAT(result.out, HasSubstr("11,689,512"));
  EXPECT_THAT(result.err, IsEmpty());
}

TEST(SummaryCommand, ShowsAFileAndTakesTheInputsSize) {
  EXPECT_THAT(minnow("summary " + shipped_weights).out, HasSubstr("input [1, 3, 32, 32]"));
  EXPECT_THAT(minnow("summary resnet20 --input 3x17x40").out, HasSubstr("[1, 64, 5, 10]"));
  EXPECT_THAT(minnow("summary resnet20 --input 8x3x16x16").out, HasSubstr("[8, 64, 4, 4]"));
}

TEST(SummaryCommand, ShowsThePlan) {
  const Outcome result = minnow("summary resnet20 --plan --input 3x17x40");
  EXPECT_EQ(result.code, 0) << result.err;
  for (const char* expected :
       {"algorithm", "layer1.0.conv1", "+residual", "[1, 64, 5, 10]", "arena:", "packed weights:"}) {
    EXPECT_THAT(result.out, HasSubstr(expected));
  }
}

TEST(SummaryCommand, TheNameOfAModelIsForFilesAlone) {
  const Outcome result = minnow("summary resnet20 --model resnet32");
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.err, HasSubstr("\"resnet20\" is a model itself"));
}

TEST(SummaryCommand, SaysWhatIsWrong) {
  for (const char* size : {"3x32", "3x32x", "x3x32x32", "3x0x32", "3x-1x32", "3,32,32", "1x1x3x32x32", "wide",
                           "3x99999999999999999999x3"}) {
    const Outcome result = minnow(std::string("summary resnet20 --input ") + size);
    EXPECT_EQ(result.code, 2) << size;
    EXPECT_THAT(result.err, HasSubstr("such as 3x224x224")) << size;
  }
  EXPECT_THAT(minnow("summary resnet20 --input 3x3000000000x3000000000").err, HasSubstr("more elements than 64 bits"));
  EXPECT_THAT(minnow("summary resnet2").err, HasSubstr("nearest: resnet20"));
  EXPECT_THAT(minnow("summary gone.json").err, HasSubstr("gone.json: cannot open"));
  EXPECT_THAT(minnow("summary resnet20 --input 4x32x32").err, HasSubstr("conv1: conv2d: expected 3 input channels"));
  EXPECT_THAT(minnow("summary resnet20 --plan --input 4x32x32").err, HasSubstr("expected 3 input channels"));
}

}  // namespace
}  // namespace minnow::test
