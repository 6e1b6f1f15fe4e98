#include <gmock/gmock.h>

#include "tools/run.h"

namespace minnow::test {
namespace {

using testing::HasSubstr;

TEST(Examples, TheResNetKnowsAShip) {
  const Outcome result = run("resnet_example", shipped_weights + ' ' + pictures + "/ship.png");
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("resnet20: class 8\n"));
  EXPECT_THAT(result.out, HasSubstr(" %  ship\n"));
}

TEST(Examples, TheResNetSaysWhatIsWrong) {
  EXPECT_EQ(run("resnet_example", "").code, 2);
  const Outcome gone = run("resnet_example", shipped_weights + " gone.png");
  EXPECT_EQ(gone.code, 1);
  EXPECT_THAT(gone.err, HasSubstr("gone.png"));
}

TEST(Examples, TheCustomModelTakesAnySizeAndNewHeads) {
  const Outcome result = run("custom_model_example", "");
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("(avgpool): AdaptiveAvgPool2d"));
  EXPECT_THAT(result.out, HasSubstr("1 x 1 pixels: [2, 10]\n"));
  EXPECT_THAT(result.out, HasSubstr("57 x 57 pixels: [2, 10]\n"));
  EXPECT_THAT(result.out, HasSubstr("five classes: [2, 5]\n"));
  EXPECT_THAT(result.out, HasSubstr("two classes: [2, 2]\n"));
}

}  // namespace
}  // namespace minnow::test
