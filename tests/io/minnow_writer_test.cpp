#include "io/weights_support.h"

namespace {

using namespace minnow;
using test::content;
using test::Folder;

TEST(MinnowWriter, EverythingComesBackToTheBit) {
  const Folder folder;
  WeightsFile file = test::sample();
  file.model = "resnet20";
  file.options = {{"num_classes", 10}, {"width", 0.1}, {"a", 1.2345678901234568e20}, {"b", -0x1p63}, {"c", 1e19}};
  file.preset = Preset{.resize = 32, .crop = 0, .interpolation = Interpolation::nearest, .mean = {0.1f, 0.2f, 1e-9f}};
  file.labels = {"cat", "d\"og", ""};
  file.provenance = {{"recipe", "line 1\nline 2"}};
  file.tensors.push_back({"nan", tensor({std::nanf(""), INFINITY, -INFINITY})});
  file.tensors.push_back({"odd", empty({0, 3}, DType::int64)});
  write_weights(file, folder / "a.json");

  const WeightsFile back = read_weights(folder / "a.json");
  test::expect_same_tensors(back, file);
  EXPECT_EQ(back.model, file.model);
  EXPECT_EQ(back.options, file.options);
  EXPECT_EQ(back.preset, file.preset);
  EXPECT_EQ(back.labels, file.labels);
  EXPECT_EQ(back.provenance, file.provenance);
}

TEST(MinnowWriter, LargeTensorsAreCutInto64KiB) {
  const Folder folder;
  Tensor values = arange(40'001);
  write_weights({.tensors = {{"a", values}}}, folder / "a.json");
  EXPECT_TENSOR_EQ(*read_weights(folder / "a.json").find("a"), values);
  const auto json = nlohmann::json::parse(content(folder / "a.json"));
  const auto& data = json["tensors"]["a"]["data"];
  ASSERT_EQ(data.size(), 4u);
  EXPECT_EQ(data[0].get<std::string>().size(), 65536u);
}

TEST(MinnowWriter, AnEmptyFileIsAFile) {
  const Folder folder;
  write_weights({}, folder / "a.json");
  EXPECT_TRUE(read_weights(folder / "a.json").tensors.empty());
}

}  // namespace
