#include <minnow/ops/scratch.h>

#include <algorithm>
#include <mutex>
#include <vector>

#include <minnow/ops/conv2d.h>
#include <minnow/ops/linear.h>
#include <minnow/ops/matmul.h>

#include "allocations.h"
#include "support.h"

namespace minnow {
namespace {

TEST(Scratch, IsAlignedAndOfEachRangeAlone) {
  const int before = num_threads();
  for (const int threads : {1, 3, 8}) {
    set_num_threads(threads);
    std::mutex mutex;
    std::vector<std::byte*> seen;
    std::int64_t items = 0;
    detail::parallel_for_with_scratch(5, 2, 100, [&](std::byte* scratch, std::int64_t first, std::int64_t last) {
      std::fill_n(scratch, 100, std::byte{1});
      const std::lock_guard lock(mutex);
      seen.push_back(scratch);
      items += last - first;
    });
    EXPECT_EQ(items, 5);
    EXPECT_LE(seen.size(), 3u);
    std::ranges::sort(seen);
    for (std::size_t i = 0; i < seen.size(); ++i) {
      EXPECT_EQ(reinterpret_cast<std::uintptr_t>(seen[i]) % 64, 0u);
      EXPECT_TRUE(i == 0 || seen[i] - seen[i - 1] >= 100);
    }
  }
  set_num_threads(before);
}

#ifndef MINNOW_SANITIZED
TEST(Scratch, OfOnePieceOfWorkIsTheSameForAnyNumberOfThreads) {
  const Tensor row = randn({1, 512}), weight = randn({10, 512}), columns = randn({512, 10});
  const Tensor image = randn({1, 16, 3, 3}), pointwise = randn({4, 16, 1, 1}), window = randn({4, 16, 3, 3});
  const std::function<void()> calls[] = {
      [&] { (void)linear(row, weight); },
      [&] { (void)matmul(row, columns); },
      [&] { (void)conv2d(image, pointwise); },
      [&] { (void)conv2d(image, window); },
  };
  const int before = num_threads();
  for (const auto& call : calls) {
    set_num_threads(1);
    const std::int64_t bytes = test::allocated_bytes(call);
    set_num_threads(64);
    EXPECT_EQ(test::allocated_bytes(call), bytes) << "call " << &call - calls;
  }
  set_num_threads(before);
}
#endif

}  // namespace
}  // namespace minnow
