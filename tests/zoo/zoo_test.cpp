#include <gmock/gmock.h>

#include <set>

#include <minnow/nn/linear.h>
#include <minnow/nn/summary.h>
#include <minnow/zoo/zoo.h>

#include "models.h"
#include "state_dict.h"
#include "support.h"

// Driven by the table: a new model is covered without a new test.

namespace minnow::zoo {
namespace {

class EveryModel : public testing::TestWithParam<std::string> {};

INSTANTIATE_TEST_SUITE_P(Zoo, EveryModel, testing::ValuesIn(model_names()),
                         [](const auto& model) { return model.param; });

TEST_P(EveryModel, TakesPicturesOfAnySizeAndGivesLogits) {
  const nn::AnyModule model = create(GetParam(), {.num_classes = 7});
  for (const nn::NamedParameter& entry : model->named_parameters()) {  // cheaper than drawing a hundred million
    const Shape& shape = entry.parameter.shape();
    entry.parameter.assign(full(shape, shape.rank() > 1 ? 1.0 / static_cast<double>(shape.numel() / shape[0]) : 0.5));
  }
  const std::int64_t smallest = find(GetParam()).smallest;
  for (const Shape& input : {Shape{2, 3, smallest + 32, smallest + 19}, Shape{1, 3, smallest, smallest}}) {
    const Tensor logits = model(full(input, 0.5));
    EXPECT_EQ(logits.shape(), (Shape{input[0], 7}));
    for (const float value : logits.span()) {
      EXPECT_TRUE(std::isfinite(value));
      EXPECT_NE(value, 0.0f);
    }
  }
}

TEST_P(EveryModel, HasPyTorchsStateDict) {
  const std::vector<std::string> lines = state_dict_lines(*create(GetParam()));
  EXPECT_EQ(lines_hash(lines), test::golden("state_dicts.json").at("state_dicts").at(GetParam()))
      << testing::PrintToString(lines);
}

TEST_P(EveryModel, StartsInEvalModeWithNothingDrawn) {
  const nn::AnyModule model = create(GetParam());
  for (const nn::NamedModule& entry : model->named_modules()) EXPECT_FALSE(entry.module->is_training()) << entry.path;
  for (const nn::NamedParameter& entry : model->state_dict()) EXPECT_FALSE(entry.parameter.has_value()) << entry.name;
}

TEST_P(EveryModel, HasOneOutputForEachClassOfItsData) {
  const ModelEntry& entry = find(GetParam());
  const std::int64_t classes = static_cast<std::int64_t>(entry.dataset().labels.size());
  const nn::Summary s = summary(create(entry.name), {1, 3, entry.preset.crop, entry.preset.crop});
  EXPECT_EQ(s.rows.back().output, (Shape{1, classes}));
  const auto head = std::ranges::find(s.rows, entry.head, &nn::SummaryRow::path);
  ASSERT_NE(head, s.rows.end());
  EXPECT_EQ(head->output[1], classes);
}

TEST_P(EveryModel, CanBeCloned) {
  const nn::AnyModule model = create(GetParam());
  EXPECT_EQ(clone(model)->num_parameters(), model->num_parameters());
}

TEST(Zoo, NamesAreUniqueAndTheTableHasEveryModelThatPyTorchAnsweredFor) {
  const std::vector<std::string> names = model_names();
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), names.size());
  for (const auto& [name, logits] : test::golden("models.json").at("logits").items()) {
    EXPECT_THAT(names, testing::Contains(name));
  }
}

TEST(Zoo, MultiplyAddsAreThePublishedOnes) {
  const auto gmacs = [](const char* name) {
    return static_cast<double>(nn::summary(create(name), {1, 3, 224, 224}).multiply_adds) * 1e-9;
  };
  EXPECT_NEAR(gmacs("resnet18"), 1.8141, 5e-5);
  EXPECT_NEAR(gmacs("resnet50"), 4.0892, 5e-5);
  EXPECT_NEAR(gmacs("resnext101_64x4d"), 15.4603, 5e-5);
  EXPECT_NEAR(gmacs("wide_resnet101_2"), 22.7531, 5e-5);
}

TEST(Zoo, AnUnknownNameIsAnErrorWithTheNearestNames) {
  test::expect_error([] { create("resnet5"); }, "there is no model \"resnet5\"; nearest: resnet50, resnet56, resnet18");
  test::expect_error([] { create("resnext50"); }, "nearest: resnet50");
  test::expect_error([] { create(""); }, "there is no model \"\"");
}

TEST(Zoo, NumberOfClassesMustBePositive) {
  EXPECT_EQ(create("resnet20", {.num_classes = 1})->get<nn::Linear>("fc").out_features, 1);
  test::expect_error([] { create("resnet20", {.num_classes = 0}); }, "num_classes");
  test::expect_error([] { create("resnet20", {.num_classes = -3}); }, "num_classes");
}

TEST(Dataset, LabelsAreCompleteAndInOrder) {
  ASSERT_EQ(imagenet_1k().labels.size(), 1000u);
  EXPECT_EQ(imagenet_1k().labels.front(), "tench");
  EXPECT_EQ(imagenet_1k().labels[281], "tabby");
  EXPECT_EQ(imagenet_1k().labels.back(), "toilet tissue");
  EXPECT_THAT(cifar10().labels, testing::ElementsAre("airplane", "automobile", "bird", "cat", "deer", "dog", "frog",
                                                     "horse", "ship", "truck"));
}

TEST(Dataset, ImageNetLabelsAreTorchvisions) {
  EXPECT_EQ(lines_hash(imagenet_1k().labels), test::golden("state_dicts.json").at("imagenet_labels"));
}

}  // namespace
}  // namespace minnow::zoo
