#include <cstdint>
#include <cstring>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <minnow/plan/memory.h>

namespace minnow {
namespace {

TEST(PagePool, ArraysDoNotOverlapAndBeginAtCacheLines) {
  constexpr std::int64_t sizes[] = {1, 64, 65, 0, 4096, 3 << 20, 80 << 20, 7, 50 << 20, 20 << 20};
  PagePool pool;
  std::vector<std::shared_ptr<std::byte>> arrays;
  for (const std::int64_t size : sizes) {
    arrays.push_back(pool.allocate(size));
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(arrays.back().get()) % 64, 0u) << size;
  }
  for (std::size_t i = 0; i < arrays.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const bool apart = arrays[i].get() >= arrays[j].get() + sizes[j] || arrays[j].get() >= arrays[i].get() + sizes[i];
      EXPECT_TRUE(apart) << sizes[i] << " and " << sizes[j];
    }
  }
}

TEST(PagePool, ArraysAreZeroAndOutliveThePool) {
  auto pool = std::make_unique<PagePool>();
  const auto first = pool->allocate(100);
  const auto second = pool->allocate(100 << 20);  // a piece of its own
  const auto third = pool->allocate(100);
  pool.reset();
  for (const auto& [array, size] : {std::pair(first, 100), std::pair(second, 100 << 20), std::pair(third, 100)}) {
    EXPECT_EQ(array.get()[0], std::byte{0});
    EXPECT_EQ(array.get()[size - 1], std::byte{0});
    std::memset(array.get(), 1, static_cast<std::size_t>(size));
  }
}

TEST(Pages, KeepTheirValuesWhenTheyAreAskedForAndGathered) {
  constexpr std::int64_t size = (5 << 20) + 100;
  const auto pages = allocate_pages(size);
  for (std::int64_t i = 0; i < size; i += 1000) pages.get()[i] = static_cast<std::byte>(i % 251);
  populate(pages.get() + 1, size - 1);
  gather(pages.get(), size);
  for (std::int64_t i = 0; i < size; i += 1000) {
    ASSERT_EQ(pages.get()[i], static_cast<std::byte>(i % 251)) << i;
    ASSERT_EQ(pages.get()[i + 1], std::byte{0}) << i;
  }
}

// Bytes of this process's own memory.
std::int64_t resident() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    std::int64_t kilobytes = 0;
    if (word == "RssAnon:" && status >> kilobytes) return kilobytes * 1024;
  }
  return -1;
}

TEST(PagePool, GivesThePagesOfAFreedArrayBackWhileOthersOfItsPieceLive) {
  constexpr std::int64_t size = 5 << 20, half = 4 * size;
  PagePool pool;
  std::vector<std::shared_ptr<std::byte>> kept, freed;
  for (int i = 0; i < 4; ++i) {
    for (auto* arrays : {&kept, &freed}) {
      arrays->push_back(pool.allocate(size));
      std::memset(arrays->back().get(), 1, size);
    }
  }
  const std::int64_t before = resident();
  if (before < 0) GTEST_SKIP() << "the system does not tell how much memory is in use";
  freed.clear();
  EXPECT_LT(resident(), before - half * 8 / 10);
  for (const auto& array : kept) EXPECT_EQ(array.get()[size - 1], std::byte{1});
}

}  // namespace
}  // namespace minnow
