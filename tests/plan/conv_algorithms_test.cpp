#include <minnow/plan/conv_algorithms.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include <minnow/kernels/core.h>
#include <minnow/kernels/dispatch.h>

namespace minnow {
namespace {

using kernels::ConvShape;
using kernels::Format;

ConvShape same(std::int64_t in, std::int64_t out, std::int64_t size, std::int64_t kernel, std::int64_t groups = 1) {
  ConvShape s{.in_channels = in, .in_h = size, .in_w = size, .out_channels = out, .out_h = size, .out_w = size};
  s.kernel_h = s.kernel_w = kernel;
  s.pad_top = s.pad_left = kernel / 2;
  s.groups = groups;
  return s;
}

TEST(ConvAlgorithms, HaveACostEach) {
  constexpr auto count = static_cast<std::size_t>(kernels::ConvAlgorithm::count);
  EXPECT_EQ(conv_costs().size(), count);
  for (std::size_t i = 0; i < count; ++i) {
    EXPECT_EQ(std::ranges::count(conv_costs(), static_cast<kernels::ConvAlgorithm>(i), &ConvCost::algorithm), 1);
  }
}

TEST(ConvAlgorithms, FindAKernelForEveryBlockedShapeCheapestFirst) {
  for (const kernels::Table* table : kernels::runnable()) {
    const Format blocked{kernels::Element::float32, table->width};
    for (const ConvShape& s : {same(64, 64, 56, 3), same(3, 5, 7, 1), same(12, 12, 9, 3, 4), same(9, 18, 1, 5, 9)}) {
      const auto choices = conv_choices(*table, s, blocked);
      ASSERT_FALSE(choices.empty());
      EXPECT_TRUE(std::ranges::is_sorted(choices, {}, &ConvChoice::cost));
      for (const ConvChoice& choice : choices) {
        EXPECT_TRUE(choice.kernel->applies(s) && choice.kernel->in == blocked && choice.cost > 0);
      }
    }
  }
}

// What an algorithm costs with AVX-512 on a core of this kind.
double cost_on(kernels::Core core, kernels::ConvAlgorithm algorithm, const ConvShape& s) {
  const kernels::Core before = kernels::core();
  kernels::assume_core(core);
  const auto cost = std::ranges::find(conv_costs(), algorithm, &ConvCost::algorithm);
  const double result = cost->of(s, {.width = 16, .others = 1, .weights = 1, .pairs = 1});
  kernels::assume_core(before);
  return result;
}

TEST(ConvAlgorithms, CostHalfAVectorWhereTilesHaveHalfAVector) {
  using enum kernels::ConvAlgorithm;
  using enum kernels::Core;
  const ConvShape half = same(96, 24, 56, 1), whole = same(96, 32, 56, 1), more = same(96, 25, 56, 1);
  EXPECT_LT(cost_on(zen5, direct, half), 0.8 * cost_on(zen5, direct, whole));
  EXPECT_LT(cost_on(zen3_or_4, direct, half), 0.8 * cost_on(zen3_or_4, direct, whole));
  EXPECT_EQ(cost_on(zen5, direct, more), cost_on(zen5, direct, whole));
  EXPECT_EQ(cost_on(other, direct, half), cost_on(other, direct, whole));
  EXPECT_EQ(cost_on(zen5, plain, same(3, 24, 112, 3)), cost_on(zen5, plain, same(3, 32, 112, 3)));
}

// The best instruction set of this machine without tiles.
const kernels::Table& vectors_only() {
  const kernels::Tables tables = kernels::runnable();
  return tables[0].name == std::string("amx") ? tables[1] : tables[0];
}

// The name of the cheapest kernel.
std::string best(const ConvShape& s, bool winograd = true, const kernels::Table& table = vectors_only()) {
  const Format blocked{kernels::Element::float32, table.width};
  return conv_choices(table, s, blocked, {.winograd = winograd}).front().kernel->name;
}

// Whether this machine adds beside its multiply-adds.
bool pairs_pay() { return kernels::adds_beside_multiply_adds(vectors_only()); }

ConvShape halved(ConvShape s) {
  s.stride_h = s.stride_w = 2;
  s.out_h = s.out_w = (s.in_h + 1) / 2;
  return s;
}

TEST(ConvAlgorithms, TakeFewerProductsWhereThatPaysUnlessItIsForbidden) {
  EXPECT_EQ(best(same(64, 64, 56, 3)), "winograd4");
  EXPECT_EQ(best(same(64, 64, 56, 3), false), "direct");
  EXPECT_EQ(best(halved(same(128, 128, 56, 3))), "winograd3/2");
  EXPECT_EQ(best(halved(same(128, 128, 56, 3)), false), "direct");
  const std::string fewer = pairs_pay() ? "pairs" : "strassen";
  EXPECT_EQ(best(same(1024, 256, 14, 1)), fewer);
  EXPECT_EQ(best(same(1024, 256, 14, 1), false), "direct");
  EXPECT_EQ(best(halved(same(512, 1024, 28, 1))), fewer);
  EXPECT_EQ(best(same(64, 256, 56, 1)), pairs_pay() ? "pairs" : "direct");
  EXPECT_EQ(best(same(32, 16, 112, 1)), "direct");
}

TEST(ConvAlgorithms, SpendOnSumsWhatIsCheapBesideSlowMultiplyAdds) {
  const ConvShape few = same(512, 128, 28, 1);
  for (const ConvCost& cost : conv_costs()) {
    if (!vectors_only().conv[cost.algorithm].applies(few)) continue;
    EXPECT_LT(cost.of(few, {.width = 16, .others = 0.5, .weights = 0.5, .pairs = 1}),
              cost.of(few, {.width = 16, .others = 1, .weights = 1, .pairs = 1}));
  }
  const auto saved = [&](double others) {
    const auto cost = [&](kernels::ConvAlgorithm algorithm) {
      return std::ranges::find(conv_costs(), algorithm, &ConvCost::algorithm)->of(few, {16, others, others, 1});
    };
    return cost(kernels::ConvAlgorithm::direct) - cost(kernels::ConvAlgorithm::strassen);
  };
  EXPECT_LT(saved(1), 0);
  EXPECT_GT(saved(0.5), 0);
}

TEST(ConvAlgorithms, TakeFewerProductsInGroupsOfMoreThanTwoChannels) {
  if (kernels::runnable()[0].width < 8) GTEST_SKIP() << "shorter vectors choose otherwise";
  EXPECT_EQ(best(same(128, 128, 56, 3, 32)), "winograd4 grouped");
  EXPECT_EQ(best(same(512, 512, 14, 3, 32)), "winograd4 grouped");
  EXPECT_EQ(best(same(512, 512, 14, 3, 32), false), "direct");
  EXPECT_EQ(best(same(128, 128, 56, 3, 64)), "grouped");
  EXPECT_EQ(best(halved(same(256, 256, 56, 3, 64))), "grouped");
}

TEST(ConvAlgorithms, ConvolveGroupsThatShareAVectorInPlace) {
  if (kernels::runnable()[0].width < 8) GTEST_SKIP() << "shorter vectors choose otherwise";
  EXPECT_EQ(best(same(64, 64, 56, 3, 64)), "depthwise");
  EXPECT_EQ(best(same(128, 128, 56, 3, 32), false), "grouped");
  EXPECT_EQ(best(same(96, 96, 56, 3, 32)), "lanes");  // three channels a group divide no vector
}

TEST(ConvAlgorithms, ReadFewerWeightsWhereThereAreFewPixels) {
  if (kernels::runnable()[0].width < 8) GTEST_SKIP() << "shorter vectors choose otherwise";
  EXPECT_EQ(best(same(512, 512, 7, 3)), kernels::core() == kernels::Core::other ? "winograd1x2" : "winograd2");
  EXPECT_EQ(best(same(512, 512, 1, 1)), "direct");
}

TEST(ConvAlgorithms, MultiplyDigitsWhereTilesDoUnlessThatIsForbidden) {
  const kernels::Table& table = kernels::runnable()[0];
  if (table.name != std::string("amx")) GTEST_SKIP() << "this machine has no tile registers";
  EXPECT_EQ(best(same(1024, 256, 14, 1), true, table), "digits 1x1");
  EXPECT_EQ(best(same(256, 256, 14, 3), true, table), "digits");
  EXPECT_EQ(best(halved(same(256, 256, 28, 3)), true, table), "digits");
  EXPECT_EQ(best(same(512, 512, 7, 3), true, table), "digits");
  EXPECT_EQ(best(same(16, 96, 112, 1), true, table), "direct");
  EXPECT_EQ(best(same(1024, 256, 14, 1), false, table), "direct");
}

TEST(ConvAlgorithms, ReadPlainPixelsForTheFirstLayer) {
  const kernels::Table& table = kernels::runnable()[0];
  const auto any = conv_choices(table, same(3, 64, 224, 7), Format{});
  ASSERT_EQ(any.size(), 1u);
  EXPECT_EQ(any.front().kernel->out.block, table.width);
  const auto strided = conv_choices(table, halved(same(3, 64, 224, 7)), Format{});
  ASSERT_EQ(strided.size(), 2u);
  EXPECT_EQ(strided.front().kernel->name, std::string("winograd3/2 plain"));
}

}  // namespace
}  // namespace minnow
