#include <minnow/nn/repr.h>

#include <gtest/gtest.h>

namespace minnow::nn {
namespace {

TEST(Repr, WritesNumbersAsPythonDoes) {
  const std::pair<double, const char*> cases[] = {
      {0.0, "0.0"},
      {-0.0, "-0.0"},
      {1.0, "1.0"},
      {0.1, "0.1"},
      {1e-4, "0.0001"},
      {1e-5, "1e-05"},
      {1.5e-7, "1.5e-07"},
      {1234567.0, "1234567.0"},
      {12345678.5, "12345678.5"},
      {1e15, "1000000000000000.0"},
      {1e16, "1e+16"},
      {-2.5e300, "-2.5e+300"},
  };
  for (const auto& [value, text] : cases) EXPECT_EQ(repr(value), text);
}

}  // namespace
}  // namespace minnow::nn
