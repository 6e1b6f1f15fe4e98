#include <minnow/ops/conv2d.h>

#include <gtest/gtest.h>

#include <vector>

#include <minnow/core/random.h>
#include <minnow/core/threads.h>

#include "support.h"

namespace minnow {
namespace {

static_assert(conv2d_shape({1, 3, 224, 224}, {64, 3, 7, 7}, {.stride = 2, .padding = 3}) == Shape{1, 64, 112, 112});
static_assert(conv2d_shape({0, 3, 5, 5}, {4, 3, 2, 4}, {.padding = "same"}) == Shape{0, 4, 5, 5});
static_assert(conv2d_shape({3, 5, 5}, {4, 3, 3, 3}, {.padding = {1, 2}}) == Shape{4, 5, 7});

Pair pair_of(const nlohmann::json& json) {
  return json.is_array() ? Pair(json[0].get<std::int64_t>(), json[1].get<std::int64_t>())
                         : Pair(json.get<std::int64_t>());
}

TEST(Conv2d, EqualsPyTorch) {
  for (const auto& json : test::golden("conv2d.json")) {
    const auto& given = json.at("options");
    Conv2dOptions options;
    if (given.contains("stride")) options.stride = pair_of(given["stride"]);
    if (given.contains("dilation")) options.dilation = pair_of(given["dilation"]);
    if (given.contains("groups")) options.groups = given["groups"].get<std::int64_t>();
    if (given.contains("padding")) {
      const auto& padding = given["padding"];
      options.padding = padding.is_string() ? Padding(padding.get<std::string>().c_str()) : Padding(pair_of(padding));
    }
    const Tensor bias = json.contains("bias") ? test::tensor_of(json["bias"]) : Tensor();
    const Tensor y = conv2d(test::tensor_of(json["x"]), test::tensor_of(json["w"]), bias, options);
    EXPECT_TENSOR_NEAR(y, test::tensor_of(json["y"]), 1e-5) << given;
  }
}

/// The definition, in double, for stride 1.
Tensor reference(const Tensor& x, const Tensor& weight, const Tensor& bias, std::int64_t padding, std::int64_t groups) {
  Tensor y = empty(conv2d_shape(x.shape(), weight.shape(), {.padding = padding, .groups = groups}));
  const std::int64_t in_group = weight.dim(1), out_group = weight.dim(0) / groups, kernel = weight.dim(2);
  const std::int64_t in_h = x.dim(2), in_w = x.dim(3), channels = y.dim(1), out_h = y.dim(2), out_w = y.dim(3);
  float* to = y.data();
  for (std::int64_t i = 0; i < y.numel(); ++i) {
    const std::int64_t n = i / (channels * out_h * out_w), o = i / (out_h * out_w) % channels;
    double sum = bias.data()[o];
    for (std::int64_t c = 0; c < in_group; ++c) {
      const float* plane = x.data() + (n * x.dim(1) + o / out_group * in_group + c) * in_h * in_w;
      const float* w = weight.data() + (o * in_group + c) * kernel * kernel;
      for (std::int64_t tap = 0; tap < kernel * kernel; ++tap) {
        const std::int64_t row = i / out_w % out_h + tap / kernel - padding,
                           column = i % out_w + tap % kernel - padding;
        if (row < 0 || row >= in_h || column < 0 || column >= in_w) continue;
        sum += static_cast<double>(plane[row * in_w + column]) * w[tap];
      }
    }
    to[i] = static_cast<float>(sum);
  }
  return y;
}

struct Channels {
  std::int64_t in, out, groups;
};

TEST(Conv2d, EqualsTheDefinitionWhicheverKernelItTakes) {
  manual_seed(2);
  for (const auto& [in, out, groups] : {Channels{40, 80, 1},
                                        {40, 80, 2},
                                        {40, 80, 5},
                                        {40, 80, 40},
                                        {40, 40, 40},
                                        {40, 40, 10},
                                        {40, 40, 5},
                                        {6, 24, 1},
                                        {8, 16, 2},
                                        {8, 8, 2}}) {
    for (const std::int64_t kernel : {1, 3, 5}) {
      for (const std::int64_t padding : {0, 1, 2}) {
        const Tensor x = randn({2, in, 9, 6}), weight = randn({out, in / groups, kernel, kernel}), bias = randn({out});
        EXPECT_TENSOR_NEAR(conv2d(x, weight, bias, {.padding = padding, .groups = groups}),
                           reference(x, weight, bias, padding, groups), 1e-5)
            << in << " to " << out << " channels, " << groups << " groups, kernel " << kernel << ", padding "
            << padding;
      }
    }
  }
}

TEST(Conv2d, SizesThatOverflowFitNowhere) {
  const std::int64_t huge = std::int64_t{1} << 62;
  const Shape x = {1, 1, 5, 5}, weight = {1, 1, 3, 3};
  for (const Conv2dOptions& options :
       {Conv2dOptions{.dilation = huge}, Conv2dOptions{.padding = 1, .dilation = huge}}) {
    test::expect_error([&] { (void)conv2d_shape(x, weight, options); }, "is larger than the padded input");
  }
  test::expect_error([&] { (void)conv2d_shape(x, {4, 1, 3, 3}, {.padding = huge}).numel(); }, "64 bits");
  test::expect_error([&] { (void)conv2d_shape(x, {4, 2, 3, 3}, {.groups = 4 * (huge / 4)}); }, "groups do not divide");
  const TensorSpec large[] = {{{1, 1, 1 << 30, 1 << 30}}, {{7, 1, 3, 3}}};
  EXPECT_EQ(Conv2dOp({.padding = 1}).multiply_adds(large), std::numeric_limits<std::int64_t>::max());
}

TEST(Conv2d, NoticesAWriteToTheWeights) {
  const Tensor x = ones({1, 16, 4, 4});
  Tensor weight = ones({16, 16, 1, 1});
  EXPECT_EQ(conv2d(x, weight).at({0, 3, 1, 1}), 16.0f);
  weight.at({3, 0, 0, 0}) = 5;
  EXPECT_EQ(conv2d(x, weight).at({0, 3, 1, 1}), 20.0f);
}

TEST(Conv2d, AnEmptyBatchGivesAnEmptyBatch) {
  EXPECT_EQ(conv2d(zeros({0, 3, 8, 8}), ones({4, 3, 3, 3})).shape(), (Shape{0, 4, 6, 6}));
}

TEST(Conv2d, GivesTheSameBitsForAnyNumberOfThreads) {
  manual_seed(1);
  const Tensor x = randn({2, 24, 33, 31});
  const int before = num_threads();
  for (const std::int64_t groups : {1, 3, 24}) {
    const Tensor weight = randn({48, 24 / groups, 3, 3});
    set_num_threads(1);
    const Tensor one = conv2d(x, weight, {}, {.padding = 1, .groups = groups});
    set_num_threads(3);
    const Tensor three = conv2d(x, weight, {}, {.padding = 1, .groups = groups});
    EXPECT_TENSOR_EQ(three, one);
  }
  set_num_threads(before);
}

TEST(Conv2d, TakesMemoryThatIsAlignedToFourBytes) {
  std::vector<float> memory(1 + 3 * 8 * 8, 1.0f);
  const Tensor x = from_blob(memory.data() + 1, {1, 3, 8, 8});
  EXPECT_TENSOR_EQ(conv2d(x, ones({5, 3, 3, 3})), full({1, 5, 6, 6}, 27));
}

TEST(Conv2d, ErrorsNameBothShapes) {
  const Tensor x = ones({1, 4, 5, 5});
  test::expect_error(
      [&] {
        conv2d(x, ones({8, 3, 3, 3}));
      },
      "expected 3 input channels (weight [8, 3, 3, 3], 1 groups), got 4 (input [1, 4, 5, 5])");
  test::expect_error([&] { conv2d(x, ones({8, 4, 7, 7})); }, "larger than the padded input [1, 4, 5, 5]");
  test::expect_error([&] { conv2d(x, ones({9, 2, 3, 3}), {}, {.groups = 2}); }, "2 groups do not divide 9");
  test::expect_error([&] { conv2d(x, ones({8, 4, 3, 3}), {}, {.stride = 2, .padding = "same"}); }, "needs stride 1");
  test::expect_error([&] { conv2d(x, ones({8, 4, 3, 3}), ones({7})); }, "expected a bias [8]");
  test::expect_error([&] { conv2d(ones({5, 5}), ones({8, 4, 3, 3})); }, "got [5, 5]");
  test::expect_error([&] { conv2d(x, ones({4, 3, 3})); }, "got [4, 3, 3]");
  test::expect_error([&] { conv2d(x, ones({8, 4, 3, 3}), {}, {.stride = 0}); }, "stride must be positive");
  test::expect_error([&] { conv2d(x, ones({8, 4, 3, 3}), {}, {.groups = 0}); }, "groups must be positive");
  test::expect_error([&] { conv2d(zeros({1, 4, 5, 5}, DType::int64), ones({8, 4, 3, 3})); }, "expected float32");
}

TEST(Conv2d, CountsMultiplyAdds) {
  const Conv2dOp op({.stride = 2, .padding = 1, .groups = 3});
  const std::vector<TensorSpec> specs = {{{2, 6, 5, 7}}, {{9, 2, 3, 1}}};
  EXPECT_EQ(op.multiply_adds(specs), 2 * 9 * 3 * 5 * (2 * 3 * 1));
}

TEST(Conv2d, SaysItsAttributes) {
  EXPECT_EQ(Conv2dOp({}).attributes(), "");
  EXPECT_EQ(Conv2dOp({.stride = 2, .padding = {1, 2}, .groups = 3}).attributes(),
            "stride=(2, 2) padding=(1, 2) groups=3");
}

TEST(Conv2d, AStrideBeyondTheInputTakesNoMemory) {
  const Tensor weight = randn({16, 16, 3, 3});
  for (const std::int64_t groups : {1, 4, 16}) {
    const Tensor own = weight.slice(1, 0, 16 / groups), x = randn({1, 16, 4, 4});
    const Tensor expected = conv2d(x, own, {}, {.stride = 2, .groups = groups});
    for (const std::int64_t far : {INT64_MAX, INT64_MAX / 2 + 1, std::int64_t{(1 << 30) + 1}}) {
      EXPECT_TRUE(allclose(conv2d(x, own, {}, {.stride = far, .groups = groups}), expected)) << groups << ' ' << far;
    }
  }
}

TEST(Conv2d, WindowsThatReachBeyondAnyMemoryAreAnError) {
  for (const std::int64_t channels : {3, 32}) {
    for (const std::int64_t groups : {std::int64_t{1}, channels}) {
      test::expect_error(
          [&] {
            conv2d(ones({1, channels, 4, 4}), ones({channels, channels / groups, 3, 3}), {},
                   {.stride = 1LL << 40, .padding = 1LL << 40, .groups = groups});
          },
          "conv2d: windows that reach over 2199023255554 x 2199023255554 pixels");
    }
  }
}

}  // namespace
}  // namespace minnow
