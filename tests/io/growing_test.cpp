#include <minnow/io/growing.h>

#include <gtest/gtest.h>

#include <cstdint>

namespace minnow {
namespace {

TEST(GrowingMemory, KeepsWhatWasWrittenWhateverItsSize) {
  GrowingMemory memory;  // used again and again, as for the tensors of a file
  for (const std::int64_t count : {0, 1, 1000, 131072, 131073, 700000, 3}) {
    for (std::int64_t i = 0; i < count; ++i) memory.append(i * i);
    EXPECT_EQ(memory.size(), static_cast<std::size_t>(count) * sizeof(std::int64_t));
    const auto released = memory.release();
    EXPECT_EQ(memory.size(), 0u);
    const auto* values = reinterpret_cast<const std::int64_t*>(released.get());
    for (std::int64_t i = 0; i < count; ++i) ASSERT_EQ(values[i], i * i);
  }
}

TEST(GrowingMemory, MayBeCutAndGrowAgain) {
  GrowingMemory memory;
  (void)memory.extend(5 << 20);
  memory.data()[9] = std::byte{7};
  memory.cut(10);
  (void)memory.extend(100);
  EXPECT_EQ(memory.size(), 110u);
  memory.cut(10);
  EXPECT_EQ(memory.release().get()[9], std::byte{7});
}

}  // namespace
}  // namespace minnow
