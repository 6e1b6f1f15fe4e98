#include <gmock/gmock.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

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

TEST(Nearest, CountsAlikeForNamesOfAnyLength) {
  const auto recurrence = [](const std::string& a, const std::string& b) {  // Wagner and Fischer, 1974
    std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = 0; i <= a.size(); ++i) {
      for (std::size_t j = 0; j <= b.size(); ++j) {
        if (i == 0 || j == 0) {
          d[i][j] = i + j;
        } else {
          d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] != b[j - 1])});
        }
      }
    }
    return d[a.size()][b.size()];
  };
  std::uint32_t state = 1;
  const auto draw = [&](std::uint32_t below) { return (state = state * 1664525u + 1013904223u, (state >> 8) % below); };
  for (int i = 0; i < 500; ++i) {
    std::string a, b;
    for (auto* text : {&a, &b}) {
      const std::uint32_t size = draw(i % 4 ? 12 : 100);
      for (std::uint32_t k = 0; k < size; ++k) *text += static_cast<char>('a' + draw(4));
    }
    EXPECT_EQ(edit_distance(a, b), recurrence(a, b)) << a << ' ' << b;
  }
}
