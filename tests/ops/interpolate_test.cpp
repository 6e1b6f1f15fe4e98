#include <minnow/ops/interpolate.h>

#include "support.h"

namespace minnow {
namespace {

using test::expect_error;
using test::tensor_of;

TEST(Interpolate, GivesTorchsNumbers) {
  for (const auto file = test::golden("tensor_ops.json"); const auto& golden : file.at("interpolate")) {
    const Tensor x = tensor_of(golden["x"]);
    InterpolateOptions options;
    if (golden["size"].is_array()) {
      options.size = Pair(golden["size"][0].get<std::int64_t>(), golden["size"][1].get<std::int64_t>());
    } else {
      options.scale_factor = {golden["scale_factor"][0].get<double>(), golden["scale_factor"][1].get<double>()};
    }
    SCOPED_TRACE(str(x.shape(), " ", golden["size"], golden["scale_factor"]));
    EXPECT_TENSOR_EQ(interpolate(x, options), tensor_of(golden["nearest"]));
    options.mode = InterpolateMode::bilinear;
    EXPECT_TENSOR_NEAR(interpolate(x, options), tensor_of(golden["bilinear"]), 1e-5);
    options.align_corners = true;
    EXPECT_TENSOR_NEAR(interpolate(x, options), tensor_of(golden["align_corners"]), 1e-5);
  }
}

TEST(Interpolate, TakesPicturesWithoutABatch) {
  EXPECT_TENSOR_EQ(interpolate(tensor({{1, 2}}).with_shape({1, 1, 2}), {.size = {2, 4}}),
                   tensor({{1, 1, 2, 2}, {1, 1, 2, 2}}).with_shape({1, 2, 4}));
  EXPECT_EQ(interpolate(ones({0, 3, 2, 2}), {.scale_factor = {2, 3}}).shape(), (Shape{0, 3, 4, 6}));
}

TEST(Interpolate, RefusesSizesThatMakeNoSense) {
  const Tensor x = ones({1, 1, 3, 3});
  expect_error([&] { interpolate(x, {}); }, "interpolate: give either size or scale_factor");
  expect_error([&] { interpolate(x, {.size = {0, 3}}); }, "interpolate: sizes must be at least 1");
  expect_error([&] { interpolate(x, {.scale_factor = {0.1, 1}}); }, "scaled gives a size of 0.3");
  expect_error([&] { interpolate(x, {.scale_factor = {1e30, 1}}); }, "interpolate");
  expect_error([&] { interpolate(x, {.size = {6, 6}, .align_corners = true}); }, "align_corners is for bilinear");
  expect_error([&] { interpolate(ones({3, 3}), {.size = 2}); }, "interpolate: expected [N, C, H, W] or [C, H, W]");
}

}  // namespace
}  // namespace minnow
