#include <minnow/kernels/conv.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "kernels/conv_problem.h"

namespace minnow::kernels {
namespace {

/// Shapes whose chunks of tiles, for one of Winograd's algorithms or another, start in the middle of a row of tiles
/// that ends with fewer pixels.
const ConvShape kCutRows[] = {
    make(3, {8, 16, 1}, 41, 26, {3, 3, 1, 1, 1, 1, 1, 1}), make(7, {8, 16, 1}, 13, 13, {3, 3, 1, 1, 1, 1, 1, 1}),
    make(11, {16, 16, 1}, 26, 20, {3, 3, 2, 2, 1, 1, 1, 1}), make(9, {3, 16, 1}, 26, 26, {7, 7, 2, 2, 3, 3, 1, 1})};

class Conv : public CoreTest {
 protected:
  /// Expects of every algorithm that applies what the definition gives.
  void expect_definition(const Problem& problem) const {
    const Problem::Expected expected = problem.expected();
    for (const ConvKernel& kernel : table().conv.list) {
      if (!kernel.applies(problem.s)) continue;
      EXPECT_LT(problem.error(kernel, expected), tolerance(kernel)) << kernel.name << ", " << text(problem.s);
    }
  }
};

constexpr Channels kChannels[] = {{3, 5, 1},    {8, 16, 1},  {17, 33, 1}, {1, 1, 1},  {40, 8, 1}, {32, 64, 2},
                                  {24, 24, 24}, {24, 24, 3}, {16, 16, 4}, {9, 18, 9}, {6, 9, 3},  {20, 20, 5}};
constexpr Window kWindows[] = {{1, 1, 1, 1, 0, 0, 1, 1}, {1, 1, 2, 2, 0, 0, 1, 1}, {3, 3, 1, 1, 1, 1, 1, 1},
                               {3, 3, 2, 2, 1, 1, 1, 1}, {7, 7, 2, 2, 3, 3, 1, 1}, {3, 3, 1, 1, 2, 2, 2, 2},
                               {1, 3, 1, 1, 0, 1, 1, 1}, {3, 1, 2, 3, 4, 4, 1, 1}, {5, 5, 3, 2, 0, 0, 1, 1},
                               {2, 4, 1, 3, 6, 7, 2, 3}, {3, 3, 1, 1, 0, 0, 1, 1}, {1, 1, 1, 1, 3, 2, 1, 1}};

// (First, since it takes longest: two run at a time.)
TEST_P(Conv, AnyCutOfTheUnitsGivesTheSameBits) {
  const std::pair<Channels, Window> cases[] = {
      {{40, 72, 1}, {3, 3, 1, 1, 1, 1, 1, 1}},   {{64, 64, 64}, {3, 3, 1, 1, 1, 1, 1, 1}},
      {{32, 32, 8}, {3, 3, 1, 1, 1, 1, 1, 1}},   {{32, 64, 2}, {3, 3, 1, 1, 1, 1, 1, 1}},
      {{40, 72, 1}, {3, 3, 2, 2, 1, 1, 1, 1}},   {{3, 40, 1}, {7, 7, 2, 2, 3, 3, 1, 1}},
      {{256, 160, 1}, {1, 1, 1, 1, 0, 0, 1, 1}}, {{256, 64, 1}, {1, 1, 2, 2, 0, 0, 1, 1}}};
  std::vector<ConvShape> shapes(std::begin(kCutRows), std::end(kCutRows));
  for (const auto& [channels, window] : cases) shapes.push_back(make(2, channels, 40, 40, window));
  const auto same = [](float a, float b) { return a == b || (a != a && b != b); };  // NaN behind the last channel
  for (const ConvShape& shape : shapes) {
    const Problem problem(shape);
    for (const ConvKernel& kernel : table().conv.list) {
      if (!kernel.applies(problem.s)) continue;
      const Floats one = problem.compute(kernel, 1), all = problem.compute(kernel, 1 << 20);
      EXPECT_TRUE(std::equal(one.data(), one.data() + one.size(), all.data(), same)) << kernel.name;
    }
  }
}

TEST_P(Conv, EveryAlgorithmComputesTheDefinition) {
  std::int64_t which = 0;
  for (const Channels& channels : kChannels) {
    for (const Window& window : kWindows) {
      for (const std::int64_t width : {which++ % 2 ? 7 : 9, which % 5 ? 13 : 23}) {
        expect_definition(Problem(make(width == 7 ? 2 : 1, channels, width == 13 ? 14 : width, width, window)));
      }
    }
  }
}

TEST_P(Conv, HalvesOfAnyMapMakeUpTheWhole) {  // odd numbers of pixels, of blocks and of tiles; more than one chunk
  for (const Channels& channels : {Channels{64, 96, 1}, Channels{96, 64, 1}, Channels{512, 32, 1}}) {
    for (const auto& [h, w] : {std::pair{1, 1}, {1, 2}, {3, 5}, {7, 7}, {29, 10}}) {
      for (const auto& [stride_h, stride_w] : {std::pair{1, 1}, {2, 2}, {3, 1}}) {
        expect_definition(Problem(make(2, channels, h, w, {1, 1, stride_h, stride_w, 0, 0, 1, 1})));
      }
    }
  }
}

TEST_P(Conv, TilesCoverAnyNumberOfPixels) {  // of one vector of channels to three, whole tiles and what is left of them
  const std::int64_t width = table().width;
  for (const std::int64_t in : {std::int64_t{3}, 2 * width, 2 * width + 3}) {  // planes of one channel, whole, in part
    for (const std::int64_t vectors : {1, 3, 4}) {
      for (std::int64_t pixels = 1; pixels <= 60; ++pixels) {
        expect_definition(Problem(make(1, {in, vectors * width, 1}, 1, pixels, {1, 1, 1, 1, 0, 0, 1, 1})));
      }
    }
  }
}

TEST_P(Conv, TilesMayEndWithHalfAVectorOfChannels) {  // or with more, or less; an odd number of pixels, too
  const std::int64_t width = table().width, half = width / 2;
  for (const std::int64_t out : {width + half, width + 1, width + half + 1, 2 * width + half, 3 * width + 1}) {
    for (std::int64_t pixels = 1; pixels <= 36; ++pixels) {
      expect_definition(Problem(make(1, {width + 3, out, 1}, 1, pixels, {1, 1, 1, 1, 0, 0, 1, 1})));
    }
    expect_definition(Problem(make(2, {width + 3, out, 1}, 5, 19, {3, 3, 1, 1, 1, 1, 1, 1})));
  }
}

TEST_P(Conv, TilesAtTheEndOfAnImageHaveFewerPixels) {  // of each number in each direction, in several images
  for (std::int64_t h = 1; h <= 10; ++h) {
    for (std::int64_t w = 1; w <= 10; ++w) {
      expect_definition(Problem(make(3, {8, 16, 1}, h, w, {3, 3, 1, 1, 1, 1, 1, 1})));
      expect_definition(Problem(make(3, {16, 8, 1}, 2 * h, 2 * w, {3, 3, 2, 2, 1, 1, 1, 1})));
      expect_definition(Problem(make(3, {3, 8, 1}, 2 * h, 2 * w, {7, 7, 2, 2, 3, 3, 1, 1})));
      expect_definition(Problem(make(3, {24, 24, 6}, h, 2 * w, {3, 3, 1, 1, 1, 1, 1, 1})));
      expect_definition(Problem(make(2, {64, 32, 2}, 2 * h, w, {3, 3, 1, 1, 1, 1, 1, 1})));
    }
  }
  // Chunks that start in the middle of an image and of a row.
  for (const ConvShape& shape : kCutRows) expect_definition(Problem(shape));
}

TEST_P(Conv, MapsTooLargeForTheCacheAreCutIntoRows) {
  for (const Channels& channels : {Channels{20, 20, 20}, Channels{16, 16, 4}, Channels{20, 8, 1}}) {
    for (const Window& window : {Window{3, 3, 1, 1, 1, 1, 1, 1}, Window{5, 5, 2, 2, 2, 2, 1, 1}}) {
      expect_definition(Problem(make(1, channels, 70, 330, window)));
    }
  }
}

TEST_P(Conv, LargeWindowsOfManyChannelsAreSummedInSlices) {  // also where the last plane has fewer channels
  for (const std::int64_t out : {24, 36}) {                  // half a vector of channels at the end, too
    for (const std::int64_t stride : {1, 2}) {
      Problem problem(make(2, {250, out, 1}, 5, 19, {5, 5, stride, stride, 2, 2, 1, 1}));
      problem.lo = -1, problem.hi = 2;
      expect_definition(problem);
    }
  }
}

TEST_P(Conv, RowsOfTilesAreCutIntoStrips) {  // of groups that fill a vector or more, or of which several fill one
  for (const Channels& channels :
       {Channels{64, 32, 2}, Channels{32, 96, 2}, Channels{32, 32, 8}, Channels{32, 32, 16}}) {
    expect_definition(Problem(make(1, channels, 6, 150, {3, 3, 1, 1, 1, 1, 1, 1})));
  }
}

TEST_P(Conv, NarrowWindowsMayLieMostlyInThePadding) {  // in maps narrower than they are, too
  for (const Channels& channels : {Channels{20, 20, 20}, Channels{16, 16, 8}, Channels{32, 32, 2}}) {
    for (const std::int64_t k : {3, 5, 7}) {
      for (const std::int64_t width : {1, 2, 3, 6, 17, 29}) {
        for (const std::int64_t stride : {1, 2, 3}) {
          for (const std::int64_t pad_w : {std::int64_t{0}, k / 2, k - 1, k}) {
            if (width + 2 * pad_w < k) continue;
            const std::int64_t height = 1 + width % 5, pad_h = k - 1 + width % 3;  // rows of padding alone as well
            expect_definition(Problem(make(1, channels, height, width, {k, k, stride, stride, pad_h, pad_w, 1, 1})));
          }
        }
      }
    }
  }
}

TEST_P(Conv, BiasResidualAndClampMayBeLeftOut) {
  const std::pair<Channels, std::int64_t> cases[] = {{{16, 24, 1}, 3}, {{24, 24, 24}, 3}, {{12, 12, 3}, 3},
                                                     {{32, 64, 1}, 1}, {{32, 32, 4}, 3},  {{32, 64, 2}, 3},
                                                     {{20, 24, 1}, 1}};
  for (const auto& [channels, window] : cases) {
    const std::int64_t pad = window / 2;
    Problem problem(make(2, channels, 9, 9, {window, window, 1, 1, pad, pad, 1, 1}));
    for (const ConvKernel& kernel : table().conv.list) {
      if (!kernel.applies(problem.s)) continue;
      for (int bits = 0; bits < 8; ++bits) {
        problem.with_bias = bits & 1, problem.with_residual = bits & 2;
        problem.lo = bits & 4 ? -0.25f : -kInf, problem.hi = bits & 4 ? 0.5f : kInf;
        EXPECT_LT(problem.error(kernel, problem.expected()), tolerance(kernel)) << kernel.name << ", bits " << bits;
      }
    }
  }
}

TEST_P(Conv, FactorsOfOutputChannelsAreThoseOfTheirWeights) {
  const std::pair<Channels, std::int64_t> cases[] = {{{32, 64, 1}, 1}, {{20, 24, 1}, 3}, {{24, 24, 24}, 3},
                                                     {{32, 32, 4}, 3}, {{64, 32, 2}, 3}, {{12, 12, 3}, 3},
                                                     {{3, 20, 1}, 7}};
  for (const auto& [channels, window] : cases) {
    const std::int64_t stride = window == 7 ? 2 : 1, pad = window / 2;
    Problem problem(make(1, channels, 14, 14, {window, window, stride, stride, pad, pad, 1, 1}));
    Floats factors = Floats::random(channels.out, 6, -2, 2);
    factors[1] = 0, factors[2] = -0.0f;
    Problem scaled = problem;
    problem.factors = factors.data();
    const auto terms = static_cast<std::int64_t>(scaled.weight.size()) / channels.out;
    for (std::int64_t o = 0; o < channels.out; ++o) {
      for (std::int64_t i = o * terms; i < (o + 1) * terms; ++i) scaled.weight[i] *= factors[o];
    }
    const auto same = [](float a, float b) { return std::abs(a - b) < 2e-5f || (a != a && b != b); };  // of no channel
    for (const ConvKernel& kernel : table().conv.list) {
      if (!kernel.applies(problem.s)) continue;
      const Floats y = problem.compute(kernel, 9), expected = scaled.compute(kernel, 9);
      EXPECT_TRUE(std::equal(y.data(), y.data() + y.size(), expected.data(), same)) << kernel.name;
    }
  }
}

TEST_P(Conv, TheResidualMayLieWhereTheOutputIsWritten) {
  std::vector<ConvShape> shapes;
  for (const Channels& channels : kChannels) {
    for (const Window& window : kWindows) shapes.push_back(make(1, channels, 15, 13, window));
  }
  for (const auto& [in, out] : {std::pair{96, 64}, {512, 40}}) {  // halves, pairs
    for (const std::int64_t stride : {1, 2})
      shapes.push_back(make(2, {in, out, 1}, 29, 10, {1, 1, stride, stride, 0, 0, 1, 1}));
  }
  shapes.push_back(make(1, {200, 33, 1}, 9, 9, {5, 5, 1, 1, 2, 2, 1, 1}));  // slices
  shapes.push_back(make(2, {528, 20, 1}, 9, 9, {3, 3, 2, 2, 1, 1, 1, 1}));
  const auto same = [](float a, float b) { return a == b || (a != a && b != b); };
  for (const ConvShape& shape : shapes) {
    const Problem apart(shape);
    Problem in_place = apart;
    in_place.in_place = true;
    for (const ConvKernel& kernel : table().conv.list) {
      if (!kernel.applies(shape)) continue;
      const Floats expected = apart.compute(kernel, 5), y = in_place.compute(kernel, 5);
      EXPECT_TRUE(std::equal(y.data(), y.data() + y.size(), expected.data(), same))
          << kernel.name << ", " << text(shape);
    }
  }
}

TEST_P(Conv, RowsByThemselvesHaveTheSameBits) {
  std::vector<ConvShape> shapes;
  for (const Channels& channels : kChannels) {
    for (const Window& window : kWindows) shapes.push_back(make(2, channels, 15, 13, window));
  }
  shapes.push_back(make(1, {32, 48, 1}, 150, 60, {3, 3, 2, 2, 1, 1, 1, 1}));  // blocks of rows
  shapes.push_back(make(1, {320, 24, 1}, 60, 28, {1, 1, 1, 1, 0, 0, 1, 1}));
  shapes.push_back(make(1, {200, 33, 1}, 9, 9, {5, 5, 1, 1, 2, 2, 1, 1}));  // slices
  const auto same = [](float a, float b) { return a == b || (a != a && b != b); };
  int counted = 0;
  for (const ConvShape& shape : shapes) {
    const Problem problem(shape);
    for (const ConvKernel& kernel : table().conv.list) {
      if (!kernel.applies(shape) || !kernel.by_rows(shape)) continue;
      const Floats whole = problem.compute(kernel, 1 << 20), rows = problem.compute_by_rows(kernel);
      EXPECT_TRUE(std::equal(whole.data(), whole.data() + whole.size(), rows.data(), same))
          << kernel.name << ", " << text(shape);
      ++counted;
    }
  }
  EXPECT_GT(counted, 100);
}

TEST_P(Conv, ANaNStaysWithItsWindowAndGroup) {
  for (const Channels& channels : {Channels{16, 16, 1}, Channels{16, 16, 16}, Channels{16, 16, 8}}) {
    Problem problem(make(1, channels, 9, 9, {3, 3, 1, 1, 1, 1, 1, 1}));
    problem.lo = 0, problem.hi = 6;
    problem.x[4 * 9 + 4] = kNaN;  // channel 0
    const std::int64_t out_group = 16 / channels.groups;
    for (const ConvKernel& kernel : table().conv.list) {
      if (!kernel.applies(problem.s) || !kernel.exact) continue;
      const Floats y = problem.compute(kernel, 3);
      const std::int64_t block = kernel.out.block;
      for (std::int64_t o = 0; o < 16; ++o) {
        for (std::int64_t p = 0; p < 81; ++p) {
          const bool reached = o < out_group && std::abs(p / 9 - 4) <= 1 && std::abs(p % 9 - 4) <= 1;
          ASSERT_EQ(std::isnan(y[(o / block * 81 + p) * block + o % block]), reached)
              << kernel.name << ' ' << o << ' ' << p;
        }
      }
    }
  }
}

TEST_P(Conv, ANaNReachesAllOfItsWindowsWhateverTheAlgorithm) {  // through a clamp, too
  const std::pair<Channels, Window> layers[] = {{{32, 48, 1}, {3, 3, 1, 1, 1, 1, 1, 1}},
                                                {{32, 48, 1}, {3, 3, 2, 2, 1, 1, 1, 1}},
                                                {{32, 32, 2}, {3, 3, 1, 1, 1, 1, 1, 1}},
                                                {{3, 32, 1}, {7, 7, 2, 2, 3, 3, 1, 1}},
                                                {{256, 128, 1}, {1, 1, 1, 1, 0, 0, 1, 1}}};
  for (const auto& [channels, window] : layers) {
    Problem problem(make(1, channels, 15, 14, window));
    const ConvShape& s = problem.s;
    problem.lo = 0, problem.hi = 6;
    constexpr std::int64_t row = 6, column = 9;
    problem.x[row * s.in_w + column] = kNaN;  // channel 0
    const auto reaches = [](std::int64_t out, std::int64_t stride, std::int64_t pad, std::int64_t kernel, auto in) {
      return out * stride - pad <= in && in < out * stride - pad + kernel;
    };
    for (const ConvKernel& kernel : table().conv.list) {
      if (!kernel.applies(s)) continue;
      const Floats y = problem.compute(kernel, 3);
      for (std::int64_t o = 0; o < s.out_channels / s.groups; ++o) {
        for (std::int64_t h = 0; h < s.out_h; ++h) {
          for (std::int64_t w = 0; w < s.out_w; ++w) {
            if (!reaches(h, s.stride_h, s.pad_top, s.kernel_h, row)) continue;
            if (!reaches(w, s.stride_w, s.pad_left, s.kernel_w, column)) continue;
            ASSERT_TRUE(std::isnan(at(y, s, kernel.out.block, 0, o, h * s.out_w + w)))
                << kernel.name << ", " << text(s) << ' ' << o << ' ' << h << ' ' << w;
          }
        }
      }
    }
  }
}

TEST_P(Conv, ANaNLeavesOtherGroupsAlone) {  // also where its own group does not keep it to its windows
  for (const Channels& channels : {Channels{16, 16, 16}, Channels{32, 32, 8}, Channels{32, 32, 2}}) {
    Problem problem(make(1, channels, 9, 9, {3, 3, 1, 1, 1, 1, 1, 1}));
    problem.x[4 * 9 + 4] = kNaN;  // channel 0
    for (const ConvKernel& kernel : table().conv.list) {
      if (!kernel.applies(problem.s)) continue;
      const Floats y = problem.compute(kernel, 3);
      for (std::int64_t o = channels.out / channels.groups; o < channels.out; ++o) {
        for (std::int64_t p = 0; p < 81; ++p) ASSERT_FALSE(std::isnan(at(y, problem.s, kernel.out.block, 0, o, p)));
      }
    }
  }
}

MINNOW_ON_EVERY_CORE(Conv);

// The same on many more shapes: minutes, so it has a suite of its own (tests/CMakeLists.txt).
class ConvFull : public Conv {
 protected:
  /// Every algorithm that applies, on maps of 1 to 30 pixels a side, square and not, and windows of that many pixels.
  void expect_maps(const std::vector<Channels>& all_channels, const std::vector<std::int64_t>& kernel_sizes) {
    for (const Channels& channels : all_channels) {
      for (const std::int64_t k : kernel_sizes) {
        for (std::int64_t size = 1; size <= 30; ++size) {
          for (const auto& [stride, dilation] : {std::pair{1, 1}, std::pair{2, 1}, std::pair{1, 2}}) {
            if (k == 1 && dilation > 1) continue;
            const std::int64_t pad = dilation * (k - 1) / 2, width = size % 2 ? size : 31 - size;
            const Window window{k, k, stride, stride, pad, pad, dilation, dilation};
            expect_definition(Problem(make(size % 4 ? 1 : 3, channels, size, width, window)));
          }
        }
      }
    }
  }
};

TEST_P(ConvFull, DenseConvolutionsAreTheDefinition) {
  expect_maps({{64, 64, 1}, {96, 40, 1}, {35, 130, 1}}, {1, 3});
  expect_maps({{3, 64, 1}, {17, 33, 1}}, {5, 7});
}

TEST_P(ConvFull, ThinAndDeepConvolutionsAreTheDefinition) { expect_maps({{600, 16, 1}, {16, 300, 1}}, {1, 3}); }

TEST_P(ConvFull, GroupedConvolutionsAreTheDefinition) {
  expect_maps({{32, 32, 8}, {64, 64, 8}, {48, 96, 4}, {64, 64, 4}, {64, 64, 2}, {128, 128, 2}}, {3});
  expect_maps({{36, 36, 3}, {40, 20, 5}, {64, 32, 4}, {64, 128, 2}}, {1, 3});
  expect_maps({{32, 32, 8}, {64, 64, 4}}, {5, 7});
}

TEST_P(ConvFull, DepthwiseConvolutionsAreTheDefinition) {
  expect_maps({{64, 64, 64}, {33, 33, 33}, {5, 5, 5}, {24, 48, 24}}, {1, 3, 5, 7});
}

MINNOW_ON_CORES(ConvFull, std::vector{core()});

}  // namespace
}  // namespace minnow::kernels
