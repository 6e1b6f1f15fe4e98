#include <minnow/plan/conv_chooser.h>

#include <algorithm>

#include <minnow/ops/kernels.h>

#include "support.h"

namespace minnow {
namespace {

constexpr kernels::ConvShape kWide{.in_channels = 64,
                                   .in_h = 28,
                                   .in_w = 28,
                                   .out_channels = 64,
                                   .out_h = 28,
                                   .out_w = 28,
                                   .kernel_h = 3,
                                   .kernel_w = 3,
                                   .pad_top = 1,
                                   .pad_left = 1};

ChosenConv choose(const PlanOptions& options, bool plain_input = false, bool rows = false) {
  return ConvChooser(options, kernels::table()).choose("conv", kWide, plain_input, rows);
}

TEST(ConvChooser, NumbersTheConvolutionsOfOneModule) {
  const PlanOptions options;
  ConvChooser chooser(options, kernels::table());
  EXPECT_EQ(chooser.choose("a", kWide, false, false).name, "a");
  EXPECT_EQ(chooser.choose("b", kWide, false, false).name, "b");
  EXPECT_EQ(chooser.choose_none("a").name, "a#2");
  EXPECT_EQ(chooser.choose("a", kWide, false, false).name, "a#3");
}

TEST(ConvChooser, GivesNoNameTwiceWhateverModulesAreCalled) {
  const PlanOptions options;
  ConvChooser chooser(options, kernels::table());
  EXPECT_EQ(chooser.choose_none("a#2").name, "a#2");
  EXPECT_EQ(chooser.choose_none("a").name, "a");
  EXPECT_EQ(chooser.choose_none("a").name, "a#3");
  EXPECT_EQ(chooser.choose_none("a#3").name, "a#3#2");
  EXPECT_EQ(chooser.choose_none("a").name, "a#4");
}

TEST(ConvChooser, TakesTheCheapestThatItMay) {
  EXPECT_EQ(choose({}).kernel->name, std::string("winograd4"));
  EXPECT_EQ(choose({.winograd = false}).kernel->name, std::string("direct"));
  EXPECT_EQ(choose({}, true).kernel->name, std::string("plain"));
  EXPECT_TRUE(choose({}, false, true).kernel->exact);
  EXPECT_TRUE(choose({}).measured.empty());
}

TEST(ConvChooser, TakesTheFastestOfThoseMeasuredAndSaysHowLongEachTook) {
  const ChosenConv chosen = choose({.tune = true});
  const auto choices = conv_choices(kernels::table(), kWide, chosen.kernel->in);
  ASSERT_EQ(chosen.measured.size(), choices.size());
  EXPECT_EQ(chosen.measured.front().algorithm, chosen.kernel->name);
  EXPECT_TRUE(std::ranges::is_sorted(chosen.measured, {}, &Measured::seconds));
}

TEST(ConvChooser, TakesWhatIsPinnedWhateverItCosts) {
  for (const char* algorithm : {"winograd2", "direct", "lanes", "plain"}) {
    for (const bool plain_input : {false, true}) {
      const ChosenConv chosen = choose({.tune = true, .algorithms = {{"conv", algorithm}}}, plain_input);
      EXPECT_EQ(chosen.kernel->name, std::string(algorithm));
      EXPECT_TRUE(chosen.measured.empty());
    }
  }
}

TEST(ConvChooser, NamesWhatFitsWhereAPinDoesNot) {
  const std::string isa = kernels::table().name;
  test::expect_error(
      [] {
        choose({.algorithms = {{"conv", "strassen"}}});
      },
      R"(compile: PlanOptions::algorithms has "strassen" for "conv", where )" + isa + " can do plain, winograd4, ");
  test::expect_error(
      [] {
        choose({.winograd = false, .algorithms = {{"conv", "winograd4"}}});
      },
      " without Winograd's and Strassen's algorithms can do plain, direct, lanes");
  test::expect_error([] { choose({.algorithms = {{"conv", "plain"}}}, false, true); }, "can do direct, lanes");
}

TEST(ConvChooser, NamesTheConvolutionsThereAreWhereAPinHasNone) {
  const PlanOptions options{.algorithms = {{"layer1.conv3", "direct"}}};
  ConvChooser chooser(options, kernels::table());
  test::expect_error([&] { chooser.check_pins(); }, "but no convolution is called so; there are none");
  (void)chooser.choose_none("fc");
  test::expect_error([&] { chooser.check_pins(); }, R"(called so; among the 1 there are "fc")");
  (void)chooser.choose_none("layer1.conv1");
  test::expect_error([&] { chooser.check_pins(); }, R"(for "layer1.conv3", but no convolution is called so; )"
                                                    R"(among the 2 there are "layer1.conv1")");
  (void)chooser.choose_none("layer1.conv3");
  EXPECT_NO_THROW(chooser.check_pins());
}

TEST(ConvChooser, PinsNothingWhereThereAreNoKernels) {
  const PlanOptions options{.blocked = false, .algorithms = {{"conv", "direct"}}};
  test::expect_error([&] { ConvChooser(options, kernels::table()).check_pins(); }, "PlanOptions::blocked = false");
}

}  // namespace
}  // namespace minnow
