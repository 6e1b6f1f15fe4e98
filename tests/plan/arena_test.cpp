#include <gtest/gtest.h>
#include <minnow/plan/arena.h>

#include <random>

namespace minnow {
namespace {

bool meet(std::int64_t first_a, std::int64_t last_a, std::int64_t first_b, std::int64_t last_b) {
  return first_a <= last_b && first_b <= last_a;
}

TEST(Arena, BuffersThatLiveTogetherNeverOverlap) {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    std::vector<Lifetime> buffers(random() % 60);
    for (Lifetime& buffer : buffers) {
      buffer.bytes = static_cast<std::int64_t>(random() % 5000);
      buffer.first = static_cast<int>(random() % 40);
      buffer.last = buffer.first + static_cast<int>(random() % 10);
    }
    const ArenaLayout layout = place(buffers);
    for (std::size_t a = 0; a < buffers.size(); ++a) {
      EXPECT_EQ(layout.offsets[a] % 64, 0);
      EXPECT_LE(layout.offsets[a] + buffers[a].bytes, layout.bytes);
      for (std::size_t b = 0; b < a; ++b) {
        if (!meet(buffers[a].first, buffers[a].last, buffers[b].first, buffers[b].last)) continue;
        if (buffers[a].bytes == 0 || buffers[b].bytes == 0) continue;
        EXPECT_FALSE(meet(layout.offsets[a], layout.offsets[a] + buffers[a].bytes - 1, layout.offsets[b],
                          layout.offsets[b] + buffers[b].bytes - 1))
            << "round " << round << ", buffers " << a << " and " << b;
      }
    }
  }
}

TEST(Arena, AChainNeedsTwoBuffers) {
  std::vector<Lifetime> chain;
  for (int step = 0; step < 20; ++step) chain.push_back({1024, step, step + 1});
  EXPECT_EQ(place(chain).bytes, 2048);
}

TEST(Arena, AGapBetweenLiveBuffersIsUsed) {
  // b and d are live throughout; c fits where a was.
  const std::vector<Lifetime> buffers = {{640, 0, 1}, {640, 0, 9}, {512, 2, 9}};
  EXPECT_EQ(place(buffers).bytes, 1280);
}

TEST(Arena, NothingNeedsNothing) { EXPECT_EQ(place({}).bytes, 0); }

}  // namespace
}  // namespace minnow
