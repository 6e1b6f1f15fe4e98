#include <gmock/gmock.h>

#include <minnow/zoo/zoo.h>

#include "tools/run.h"

namespace minnow::test {
namespace {

using testing::HasSubstr;

TEST(ListCommand, ShowsEveryModel) {
  const Outcome result = minnow("list");
  EXPECT_EQ(result.code, 0);
  for (const zoo::ModelEntry& entry : zoo::list()) {
    EXPECT_THAT(result.out, HasSubstr('\n' + std::string(entry.name) + ' '));
  }
}

}  // namespace
}  // namespace minnow::test
