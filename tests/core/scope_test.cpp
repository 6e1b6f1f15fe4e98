#include <gtest/gtest.h>

#include <string>
#include <thread>

#include <minnow/core/scope.h>

#include "support.h"

namespace minnow {
namespace {

TEST(PathScope, ScopesNestIntoAPath) {
  EXPECT_EQ(current_path(), "");
  {
    const PathScope layer("layer3"), unnamed(""), block("0");
    EXPECT_EQ(current_path(), "layer3.0");
    {
      const PathScope conv("conv2");
      EXPECT_EQ(current_path(), "layer3.0.conv2");
      test::expect_error([] { fail("too wide"); }, "layer3.0.conv2: too wide");
    }
    EXPECT_EQ(current_path(), "layer3.0");
  }
  EXPECT_EQ(current_path(), "");
}

TEST(PathScope, EachThreadHasItsOwn) {
  const PathScope scope("here");
  std::string there = "not asked";
  std::thread([&] { there = current_path(); }).join();
  EXPECT_EQ(there, "");
}

}  // namespace
}  // namespace minnow
