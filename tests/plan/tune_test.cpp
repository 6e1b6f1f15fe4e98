#include <minnow/kernels/dispatch.h>
#include <minnow/plan/tune.h>

#include <gtest/gtest.h>

#include <algorithm>

namespace minnow {
namespace {

TEST(Tune, TimesEachKernelOfTheListOnEveryInstructionSet) {
  const kernels::ConvShape shape{.in_channels = 17,
                                 .in_h = 9,
                                 .in_w = 11,
                                 .out_channels = 20,
                                 .out_h = 9,
                                 .out_w = 11,
                                 .kernel_h = 3,
                                 .kernel_w = 3,
                                 .pad_top = 1,
                                 .pad_left = 1};
  for (const kernels::Table* table : kernels::runnable()) {
    const auto choices = conv_choices(*table, shape, {kernels::Element::float32, table->width});
    ASSERT_GT(choices.size(), 1u) << table->name;
    const std::vector<Timing> timings = measure(choices, shape);
    ASSERT_EQ(timings.size(), choices.size());
    EXPECT_TRUE(std::ranges::is_sorted(timings, {}, &Timing::seconds));
    for (const ConvChoice& choice : choices) {
      EXPECT_EQ(std::ranges::count(timings, choice.kernel, &Timing::kernel), 1);
    }
    EXPECT_GT(timings.front().seconds, 0);
  }
}

}  // namespace
}  // namespace minnow
