#include <gtest/gtest.h>

#include "support.h"
#include "tools/compare/models.h"
#include "zoo/state_dict.h"

namespace minnow::bench {
namespace {

TEST(ComparedModels, ThoseTheZooDoesNotHaveHaveTorchvisionsStateDicts) {
  for (const char* name : {"vgg16", "mobilenet_v2"}) {
    const std::vector<std::string> lines = zoo::state_dict_lines(*create(name));
    EXPECT_EQ(zoo::lines_hash(lines), test::golden("state_dicts.json").at("state_dicts").at(name))
        << name << testing::PrintToString(lines);
  }
  EXPECT_EQ(create("resnet20")->num_parameters(), 272'474);
  test::expect_error([] { create("vgg17"); }, "vgg17");
}

}  // namespace
}  // namespace minnow::bench
