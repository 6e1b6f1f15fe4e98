#include <minnow/kernels/dispatch.h>

#include <minnow/core/error.h>
#include <minnow/ops/kernels.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <string>

namespace minnow::kernels {
namespace {

TEST(Dispatch, EveryMachineRunsTheLastTableOfTheList) {
  ASSERT_GT(runnable().size(), 0u);
  EXPECT_EQ(&runnable()[runnable().size() - 1], &built()[built().size() - 1]);
}

TEST(Dispatch, TablesAreListedWithTheWidestVectorsFirst) {
  for (std::size_t i = 1; i < built().size(); ++i) EXPECT_GE(built()[i - 1].width, built()[i].width);
}

/// Whether a null pointer is among those from `first` to `end`.
bool any_null(const void* first, const void* end) {
  const auto* byte = static_cast<const unsigned char*>(first);
  for (; byte < end; byte += sizeof(void*)) {
    void* pointer = nullptr;
    std::memcpy(&pointer, byte, sizeof(void*));
    if (pointer == nullptr) return true;
  }
  return false;
}

TEST(Dispatch, EveryTableHasEveryKernel) {
  for (const Table* table : built()) {
    EXPECT_FALSE(any_null(&table->binary, &table->conv)) << table->name;
    EXPECT_FALSE(any_null(&table->blocked_pool, table + 1)) << table->name;
    for (const ConvKernel& kernel : table->conv.list) {
      ASSERT_NE(kernel.name, nullptr) << table->name;
      EXPECT_FALSE(any_null(&kernel.applies, &kernel + 1)) << table->name << ", " << kernel.name;
      EXPECT_EQ(kernel.out.block, table->width) << table->name << ", " << kernel.name;
    }
  }
}

TEST(Dispatch, FindsATableByItsNameOnly) {
  for (const Table* table : built()) EXPECT_EQ(find(built(), table->name), table);
  EXPECT_EQ(find(built(), "avx"), nullptr);
  EXPECT_EQ(find(built(), ""), nullptr);
  EXPECT_EQ(find(built(), "sse22"), nullptr);
}

// The choice is made once per process: each death test asks in a fresh one.
class DispatchDeathTest : public testing::Test {
 protected:
  void SetUp() override { testing::FLAGS_gtest_death_test_style = "threadsafe"; }

  static void print_choice(const char* isa) {
    setenv("MINNOW_ISA", isa, 1);
    try {
      std::fputs(table().name, stderr);
    } catch (const Error& error) {
      std::fputs(error.what(), stderr);
    }
    std::_Exit(0);
  }
};

TEST_F(DispatchDeathTest, TheEnvironmentForcesEachTable) {
  for (const Table* table : runnable()) {
    EXPECT_EXIT(print_choice(table->name), testing::ExitedWithCode(0), testing::Eq(table->name));
  }
  EXPECT_EXIT(print_choice(""), testing::ExitedWithCode(0), testing::Eq(runnable()[0].name));
}

TEST_F(DispatchDeathTest, AnUnknownNameIsAnError) {
  EXPECT_EXIT(print_choice("avx3"), testing::ExitedWithCode(0), "MINNOW_ISA=avx3: no such instruction set, there are ");
}

TEST_F(DispatchDeathTest, AnInstructionSetTheMachineLacksIsAnError) {
  if (runnable().size() == built().size()) GTEST_SKIP() << "this machine runs every instruction set";
  EXPECT_EXIT(print_choice(built()[0].name), testing::ExitedWithCode(0), "this machine cannot run it, only ");
}

}  // namespace
}  // namespace minnow::kernels
