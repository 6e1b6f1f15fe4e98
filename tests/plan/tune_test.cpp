#include <minnow/kernels/dispatch.h>
#include <minnow/plan/tune.h>

#include <gtest/gtest.h>

namespace minnow {
namespace {

TEST(Tune, PicksAKernelFromTheListOnEveryInstructionSet) {
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
    const kernels::ConvKernel* best = fastest(choices, shape);
    EXPECT_TRUE(std::any_of(choices.begin(), choices.end(), [&](const ConvChoice& c) { return c.kernel == best; }));
  }
}

TEST(Tune, OneChoiceNeedsNoMeasurement) {
  const kernels::ConvShape shape{.in_channels = 4, .out_channels = 4};
  const ConvChoice only{kernels::runnable()[0].conv.list, 1.0};
  EXPECT_EQ(fastest({only}, shape), only.kernel);
}

}  // namespace
}  // namespace minnow
