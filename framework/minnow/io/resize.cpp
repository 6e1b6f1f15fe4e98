#include <minnow/io/resize.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <numeric>
#include <vector>

#include <minnow/core/error.h>
#include <minnow/core/threads.h>

namespace minnow {
namespace {

constexpr std::array<std::string_view, 3> kFilterNames = {"nearest", "bilinear", "bicubic"};
constexpr std::int64_t kMaxPixels = ImageOptions{}.max_pixels;
constexpr std::int64_t kChannels = 3;
/// Weights have 22 fractional bits: 32, less 8 for the pixel and 2 for the overshoot of a cubic filter.
constexpr int kWeightBits = 32 - 8 - 2;

double triangle(double x) { return std::max(0.0, 1.0 - std::abs(x)); }

/// Keys' cubic with a = -1/2.
double cubic(double x) {
  constexpr double a = -0.5;
  x = std::abs(x);
  if (x < 1.0) return ((a + 2.0) * x - (a + 3.0)) * x * x + 1.0;
  if (x < 2.0) return (((x - 5.0) * x + 8.0) * x - 4.0) * a;
  return 0.0;
}

/// For a run of output positions: the input positions that each is made of, and their weights.
struct Taps {
  std::vector<std::int64_t> first, count;
  std::vector<std::int32_t> weights;  // `stride` per output position
  std::int64_t stride = 0;

  std::int64_t begin() const { return first.front(); }
  std::int64_t end() const { return first.back() + count.back(); }
};

/// Every position as it is.
Taps unit_taps(std::int64_t first, std::int64_t count) {
  Taps taps;
  taps.first.resize(static_cast<std::size_t>(count));
  std::iota(taps.first.begin(), taps.first.end(), first);
  taps.count.assign(static_cast<std::size_t>(count), 1);
  taps.weights.assign(static_cast<std::size_t>(count), 1 << kWeightBits);
  taps.stride = 1;
  return taps;
}

Taps make_taps(std::int64_t in, std::int64_t out, std::int64_t out_first, std::int64_t out_count,
               Interpolation interpolation) {
  if (in == out) return unit_taps(out_first, out_count);
  const bool is_cubic = interpolation == Interpolation::bicubic;
  const double scale = static_cast<double>(in) / static_cast<double>(out);
  const double filter_scale = std::max(scale, 1.0);
  const double support = (is_cubic ? 2.0 : 1.0) * filter_scale;

  Taps taps;
  taps.stride = std::min(2 * static_cast<std::int64_t>(std::ceil(support)) + 1, in);
  taps.weights.resize(static_cast<std::size_t>(out_count * taps.stride));
  std::vector<double> exact(static_cast<std::size_t>(taps.stride));
  for (std::int64_t i = 0; i < out_count; ++i) {
    const double center = (static_cast<double>(out_first + i) + 0.5) * scale;
    const std::int64_t first = std::max<std::int64_t>(static_cast<std::int64_t>(center - support + 0.5), 0);
    const std::int64_t count = std::min(static_cast<std::int64_t>(center + support + 0.5), in) - first;
    double sum = 0.0;
    for (std::int64_t k = 0; k < count; ++k) {
      const double x = (static_cast<double>(first + k) - center + 0.5) * (1.0 / filter_scale);
      sum += exact[static_cast<std::size_t>(k)] = is_cubic ? cubic(x) : triangle(x);
    }
    for (std::int64_t k = 0; k < count; ++k) {
      double weight = exact[static_cast<std::size_t>(k)];
      if (sum != 0.0) weight /= sum;
      weight *= 1 << kWeightBits;
      taps.weights[static_cast<std::size_t>(i * taps.stride + k)] =
          static_cast<std::int32_t>(weight + (weight < 0 ? -0.5 : 0.5));
    }
    taps.first.push_back(first);
    taps.count.push_back(count);
  }
  return taps;
}

/// A weighted sum that began at one half, as a pixel.
std::uint8_t to_pixel(std::int32_t sum) { return static_cast<std::uint8_t>(std::clamp(sum >> kWeightBits, 0, 255)); }
constexpr std::int32_t kHalf = 1 << (kWeightBits - 1);

void filter_across(const std::uint8_t* from, std::uint8_t* to, const Taps& taps) {
  for (std::size_t x = 0; x < taps.first.size(); ++x, to += kChannels) {
    const std::int32_t* weights = taps.weights.data() + static_cast<std::int64_t>(x) * taps.stride;
    const std::uint8_t* pixel = from + kChannels * taps.first[x];
    std::int32_t red = kHalf, green = kHalf, blue = kHalf;
    for (std::int64_t k = 0; k < taps.count[x]; ++k, pixel += kChannels) {
      red += weights[k] * pixel[0];
      green += weights[k] * pixel[1];
      blue += weights[k] * pixel[2];
    }
    to[0] = to_pixel(red);
    to[1] = to_pixel(green);
    to[2] = to_pixel(blue);
  }
}

/// One row from `count` rows; in strips, so that the sums stay in the first cache.
void filter_down(const std::uint8_t* from, std::uint8_t* to, std::int64_t row_bytes, const std::int32_t* weights,
                 std::int64_t count) {
  constexpr std::int64_t strip = 768;
  std::array<std::int32_t, strip> sums;
  for (std::int64_t begin = 0; begin < row_bytes; begin += strip) {
    const std::int64_t width = std::min(strip, row_bytes - begin);
    std::fill_n(sums.begin(), width, kHalf);
    for (std::int64_t k = 0; k < count; ++k) {
      const std::uint8_t* row = from + k * row_bytes + begin;
      const std::int32_t weight = weights[k];
      for (std::int64_t i = 0; i < width; ++i) sums[static_cast<std::size_t>(i)] += weight * row[i];
    }
    for (std::int64_t i = 0; i < width; ++i) to[begin + i] = to_pixel(sums[static_cast<std::size_t>(i)]);
  }
}

/// How many rows are worth a thread of their own.
std::int64_t grain(std::int64_t row_bytes, const Taps& taps) { return 1 + (1 << 18) / (row_bytes * taps.stride); }

using Pixels = std::shared_ptr<std::uint8_t[]>;

Pixels allocate(std::int64_t width, std::int64_t height) {
  return std::make_shared_for_overwrite<std::uint8_t[]>(static_cast<std::size_t>(kChannels * width * height));
}

Image resize_filtered(const Image& image, std::int64_t width, std::int64_t height, Interpolation interpolation,
                      const Window& window) {
  const Taps across = make_taps(image.width(), width, window.left, window.width, interpolation);
  const Taps down = make_taps(image.height(), height, window.top, window.height, interpolation);

  // A pass that would change nothing is left out.
  const std::int64_t rows = down.end() - down.begin();
  const std::int64_t row_bytes = kChannels * window.width;
  const std::uint8_t* source = image.pixels().data() + kChannels * image.width() * down.begin();
  Pixels narrow;
  if (window.width != image.width() || width != image.width()) {
    narrow = allocate(window.width, rows);
    parallel_for(rows, grain(row_bytes, across), [&](std::int64_t first, std::int64_t last) {
      for (std::int64_t y = first; y < last; ++y) {
        filter_across(source + kChannels * image.width() * y, narrow.get() + row_bytes * y, across);
      }
    });
    source = narrow.get();
  }
  if (height == image.height() && narrow) return {window.width, window.height, std::move(narrow)};
  Pixels pixels = allocate(window.width, window.height);
  parallel_for(window.height, grain(row_bytes, down), [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t y = first; y < last; ++y) {
      const auto at = static_cast<std::size_t>(y);
      filter_down(source + row_bytes * (down.first[at] - down.begin()), pixels.get() + row_bytes * y, row_bytes,
                  down.weights.data() + y * down.stride, down.count[at]);
    }
  });
  return {window.width, window.height, std::move(pixels)};
}

/// The input position of each of `out_count` outputs. The steps are added up as PIL adds them, rounding and all.
std::vector<std::int64_t> nearest_positions(std::int64_t in, std::int64_t out, std::int64_t out_first,
                                            std::int64_t out_count) {
  const double step = static_cast<double>(in) / static_cast<double>(out);
  std::vector<std::int64_t> positions;
  double at = 0.5 * step;
  for (std::int64_t i = 0; i < out_first + out_count; ++i, at += step) {
    if (i >= out_first) positions.push_back(std::min(static_cast<std::int64_t>(at), in - 1));
  }
  return positions;
}

Image resize_nearest(const Image& image, std::int64_t width, std::int64_t height, const Window& window) {
  const auto columns = nearest_positions(image.width(), width, window.left, window.width);
  const auto rows = nearest_positions(image.height(), height, window.top, window.height);
  Pixels pixels = allocate(window.width, window.height);
  std::uint8_t* to = pixels.get();
  for (const std::int64_t y : rows) {
    for (const std::int64_t x : columns) {
      to = std::copy_n(image.pixels().data() + kChannels * (y * image.width() + x), kChannels, to);
    }
  }
  return {window.width, window.height, std::move(pixels)};
}

}  // namespace

std::string_view name_of(Interpolation interpolation) {
  return kFilterNames.at(static_cast<std::size_t>(interpolation));
}

Interpolation interpolation_from_name(std::string_view name) {
  const auto found = std::find(kFilterNames.begin(), kFilterNames.end(), name);
  if (found == kFilterNames.end()) {
    fail("interpolation: expected \"nearest\", \"bilinear\" or \"bicubic\", got \"", name, '"');
  }
  return static_cast<Interpolation>(found - kFilterNames.begin());
}

Image resize(const Image& image, std::int64_t width, std::int64_t height, Interpolation interpolation) {
  return resize(image, width, height, interpolation, {0, 0, width, height});
}

Image resize(const Image& image, std::int64_t width, std::int64_t height, Interpolation interpolation,
             const Window& window) {
  const auto [left, top, columns, rows] = window;
  if (image.width() < 1 || image.height() < 1) fail("resize: the picture is empty");
  if (width < 1 || height < 1) fail("resize: cannot resize to ", width, " x ", height, " pixels");
  if (left < 0 || top < 0 || columns < 1 || rows < 1 || columns > width - left || rows > height - top) {
    fail("resize: the window of ", columns, " x ", rows, " pixels at (", left, ", ", top, ") leaves the picture of ",
         width, " x ", height);
  }
  if (columns > kMaxPixels / rows) fail("resize: ", columns, " x ", rows, " pixels are more than ", kMaxPixels);
  const bool whole = columns == width && rows == height;
  if (whole && width == image.width() && height == image.height()) return image;
  if (interpolation == Interpolation::nearest) return resize_nearest(image, width, height, window);
  return resize_filtered(image, width, height, interpolation, window);
}

}  // namespace minnow
