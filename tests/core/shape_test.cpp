#include <minnow/core/shape.h>

#include <sstream>
#include <vector>

#include "support.h"

namespace minnow {
namespace {

using test::expect_error;
constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

TEST(Shape, CountsItsElements) {
  EXPECT_EQ((Shape{2, 3, 4}).numel(), 24);
  EXPECT_EQ(Shape{}.numel(), 1);
  EXPECT_EQ((Shape{5, 0, 7}).numel(), 0);
  EXPECT_EQ((Shape{kMost}).numel(), kMost);
  EXPECT_EQ((Shape{kMost, kMost, 0}).numel(), 0);
}

TEST(Shape, RefusesMoreElementsThanCanBeCounted) {
  expect_error([] { Shape({kMost, 2}).numel(); }, "more elements than 64 bits can count");
  expect_error([] { Shape({std::int64_t{1} << 32, std::int64_t{1} << 31}).numel(); }, "more elements");
  expect_error([] { Shape({3037000500, 3037000500}).numel(); }, "more elements");  // just above 2^63
  EXPECT_EQ(Shape({3037000499, 3037000499}).numel(), 3037000499 * 3037000499);
  expect_error([] { Shape({2, -1}).numel(); }, "the shape [2, -1] has a negative size");
}

TEST(Shape, IndexesFromBothEnds) {
  Shape shape{2, 3, 4};
  EXPECT_EQ(shape[0], 2);
  EXPECT_EQ(shape[-1], 4);
  shape[-3] = 7;
  EXPECT_EQ(shape, (Shape{7, 3, 4}));
  expect_error([&] { shape[3]; }, "dimension 3 is out of range for the shape [7, 3, 4]");
  expect_error([&] { shape[-4]; }, "dimension -4 is out of range");
}

TEST(Shape, GrowsAndShrinksUpToEightDimensions) {
  Shape shape{2, 4};
  shape.insert(1, 3);
  shape.insert(3, 5);
  EXPECT_EQ(shape, (Shape{2, 3, 4, 5}));
  shape.erase(-1);
  shape.erase(0);
  EXPECT_EQ(shape, (Shape{3, 4}));
  expect_error([] { Shape(std::vector<std::int64_t>(9, 1)); }, "at most 8 dimensions");
}

TEST(Shape, IsWrittenAsTorchDoes) {
  EXPECT_EQ(str(Shape{1, 3, 224, 224}), "[1, 3, 224, 224]");
  EXPECT_EQ(str(Shape{}), "[]");
}

TEST(Shape, WorksAtCompileTime) {
  static_assert(Shape{2, 3}.numel() == 6 && Shape{2, 3}[-1] == 3 && Shape{2, 3} != Shape{3, 2});
}

}  // namespace
}  // namespace minnow
