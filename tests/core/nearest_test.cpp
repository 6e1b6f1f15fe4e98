#include <gmock/gmock.h>

#include <minnow/core/nearest.h>

using minnow::edit_distance, minnow::nearest_names;

TEST(Nearest, CountsInsertedRemovedAndReplacedCharacters) {
  EXPECT_EQ(edit_distance("", ""), 0u);
  EXPECT_EQ(edit_distance("", "abc"), 3u);
  EXPECT_EQ(edit_distance("abc", ""), 3u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
  EXPECT_EQ(edit_distance("resnet18", "resnet18"), 0u);
  EXPECT_EQ(edit_distance("fc.weight", "fc.weigth"), 2u);
}

TEST(Nearest, NamesTheNearestFirstAndNothingFarFetched) {
  const std::vector<std::string> names = {"resnet18", "resnet50", "wide_resnet50_2", "vgg16"};
  EXPECT_THAT(nearest_names("resnet5", names), testing::ElementsAre("resnet50", "resnet18"));
  EXPECT_THAT(nearest_names("resnet5", names, 1), testing::ElementsAre("resnet50"));
  EXPECT_THAT(nearest_names("mobilenet_v2", names), testing::IsEmpty());
  EXPECT_THAT(nearest_names("", names), testing::IsEmpty());
}
