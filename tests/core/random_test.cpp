#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <vector>

#include <minnow/core/random.h>

namespace minnow {
namespace {

// What a Mersenne twister written anew in Python gives.
TEST(Random, ASeedGivesTheSameNumbersOnEveryMachine) {
  std::array<float, 4> numbers;
  fill_uniform(numbers, 0, 0x1p24f, 0);
  EXPECT_EQ(numbers, (std::array{14971554.0f, 15503955.0f, 12990617.0f, 10076687.0f}));
  fill_uniform(numbers, 0, 0x1p24f, 7);
  EXPECT_EQ(numbers, (std::array{14129013.0f, 11393207.0f, 2805808.0f, 13948326.0f}));
  fill_normal(std::span(numbers).first(2), 0, 1, 0);
  EXPECT_NEAR(numbers[0], 1.875905358, 1e-6);
  EXPECT_NEAR(numbers[1], -0.969106842, 1e-6);
}

TEST(Random, UniformNumbersFillTheirRange) {
  std::vector<float> numbers(100'000);
  fill_uniform(numbers, -2, 3, 1);
  const auto [least, most] = std::ranges::minmax(numbers);
  EXPECT_GE(least, -2);
  EXPECT_LT(least, -1.999f);
  EXPECT_LT(most, 3);
  EXPECT_GT(most, 2.999f);
  double sum = 0;
  for (const float number : numbers) sum += number;
  EXPECT_NEAR(sum / 1e5, 0.5, 0.02);
}

TEST(Random, NormalNumbersHaveTheirMeanAndDeviation) {
  std::vector<float> numbers(99'999);
  fill_normal(numbers, 5, 0.5f, 1);
  double sum = 0, squares = 0;
  for (const float number : numbers) sum += number, squares += (number - 5.0) * (number - 5.0);
  EXPECT_NEAR(sum / 99'999, 5, 0.01);
  EXPECT_NEAR(std::sqrt(squares / 99'999), 0.5, 0.005);
}

TEST(Random, EachDrawHasASeedOfItsOwnAndManualSeedBeginsAnew) {
  std::set<std::uint64_t> seeds;
  for (const std::uint64_t seed : {0, 1, 2}) {  // neighbours share none
    manual_seed(seed);
    EXPECT_EQ(current_seed(), seed);
    for (int draw = 0; draw < 1000; ++draw) seeds.insert(next_seed());
  }
  EXPECT_EQ(seeds.size(), 3000u);
  manual_seed(1);
  const std::uint64_t first = next_seed();
  manual_seed(1);
  EXPECT_EQ(next_seed(), first);
  manual_seed(0);
}

TEST(Random, TheUpperBoundIsNotReachedByRounding) {
  std::vector<float> values(1000);
  fill_uniform(values, 1.0f, std::nextafter(1.0f, 2.0f), 3);  // every draw above a half is rounded up
  for (const float value : values) ASSERT_EQ(value, 1.0f);
}

}  // namespace
}  // namespace minnow
