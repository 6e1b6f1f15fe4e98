#include <minnow/plan/conv_algorithms.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

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

TEST(ConvAlgorithms, ListsEveryKernelOnce) {
  EXPECT_EQ(conv_algorithms().size(), static_cast<std::size_t>(kernels::kConvAlgorithms));
  for (int i = 0; i < kernels::kConvAlgorithms; ++i) {
    EXPECT_EQ(std::ranges::count(conv_algorithms(), static_cast<kernels::ConvAlgorithm>(i), &ConvAlgorithm::id), 1);
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

TEST(ConvAlgorithms, TakeWinogradForWideWindowsUnlessItIsForbidden) {
  const kernels::Table& table = kernels::runnable()[0];
  const Format blocked{kernels::Element::float32, table.width};
  const auto best = [&](const ConvShape& s, bool winograd) {
    return std::string(conv_choices(table, s, blocked, {.winograd = winograd}).front().kernel->name);
  };
  EXPECT_EQ(best(same(64, 64, 56, 3), true), "winograd4");
  EXPECT_EQ(best(same(64, 64, 56, 3), false), "direct");
  EXPECT_EQ(best(same(64, 64, 56, 1), true), "direct");
  EXPECT_EQ(best(same(64, 64, 56, 3, 64), true), "depthwise");
}

TEST(ConvAlgorithms, ReadPlainPixelsForTheFirstLayer) {
  const kernels::Table& table = kernels::runnable()[0];
  const auto choices = conv_choices(table, same(3, 64, 224, 7), Format{});
  ASSERT_EQ(choices.size(), 1u);
  EXPECT_EQ(choices.front().kernel->out.block, table.width);
}

}  // namespace
}  // namespace minnow
