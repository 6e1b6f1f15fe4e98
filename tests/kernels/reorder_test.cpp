#include <minnow/kernels/reorder.h>

#include <gtest/gtest.h>

#include "kernels/isa.h"

namespace minnow::kernels {
namespace {

class Reorder : public IsaTest {};

TEST_P(Reorder, BlocksAndUnblocksAnyNumberOfChannels) {
  const std::int64_t c = table().width;
  for (const std::int64_t channels : {1, 3, 4, 7, 8, 15, 16, 17, 40}) {
    for (const std::int64_t pixels : {1, 7, 49, 64, 130}) {
      const std::int64_t images = 2, blocks = (channels + c - 1) / c;
      const Floats x = Floats::random(images * channels * pixels, 1);
      Floats blocked(images * blocks * c * pixels, 9), back(images * channels * pixels, 9);
      const ReorderArgs in{x.data(), blocked.data(), images, channels, pixels};
      const ReorderArgs out{blocked.data(), back.data(), images, channels, pixels};
      for (std::int64_t unit = 0; unit < images * blocks; ++unit) table().block(in, unit, unit + 1);
      for (std::int64_t i = 0; i < static_cast<std::int64_t>(blocked.size()); ++i) {
        const std::int64_t lane = i % c, p = i / c % pixels, block = i / c / pixels % blocks,
                           n = i / c / pixels / blocks;
        const std::int64_t channel = block * c + lane;
        ASSERT_EQ(blocked[i], channel < channels ? x[(n * channels + channel) * pixels + p] : 0.0f);
      }
      table().unblock(out, 0, images * blocks);
      for (std::int64_t i = 0; i < images * channels * pixels; ++i) ASSERT_EQ(back[i], x[i]);
      EXPECT_TRUE(blocked.intact() && back.intact());
    }
  }
}

MINNOW_ON_EVERY_ISA(Reorder);

}  // namespace
}  // namespace minnow::kernels
