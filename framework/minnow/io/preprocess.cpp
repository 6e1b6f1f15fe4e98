#include <minnow/io/preprocess.h>

#include <algorithm>
#include <cmath>

#include <minnow/core/error.h>

namespace minnow {
namespace {

constexpr std::int64_t kMaxSide = 1 << 14;

/// Along one side of the result: `count` pixels from position `from` of the resized picture on, put to position `to`.
struct Cut {
  std::int64_t size = 0, from = 0, to = 0, count = 0;
};

Cut center_cut(std::int64_t extent, std::int64_t crop) {
  if (crop == 0) return {extent, 0, 0, extent};
  if (crop >= extent) return {crop, 0, (crop - extent) / 2, extent};
  const std::int64_t spare = extent - crop;
  const bool round_up = spare % 4 == 3;  // half to even: 1/2 is 0, 3/2 and 5/2 are 2
  return {crop, spare / 2 + round_up, 0, crop};
}

/// What happens to a picture of one size: the size it is resized to, and what is cut from that.
struct Geometry {
  std::int64_t width, height;
  Cut across, down;
};

Geometry geometry_of(const Image& image, const Preset& preset) {
  if (image.width() < 1 || image.height() < 1) fail("preprocess: the picture is empty");
  std::int64_t width = image.width(), height = image.height();
  if (preset.resize > 0) {
    std::int64_t& long_side = width > height ? width : height;
    std::int64_t& short_side = width > height ? height : width;
    long_side =
        static_cast<std::int64_t>(static_cast<double>(preset.resize * long_side) / static_cast<double>(short_side));
    short_side = preset.resize;
  }
  const Geometry g = {width, height, center_cut(width, preset.crop), center_cut(height, preset.crop)};
  if (g.across.size > ImageOptions{}.max_pixels / g.down.size) {
    fail("preprocess: the picture becomes too large: ", g.across.size, " x ", g.down.size, " pixels");
  }
  return g;
}

/// What each value of a channel's byte becomes, in float32 and in torch's order.
std::array<std::array<float, 256>, 3> normalised(const Preset& preset) {
  std::array<std::array<float, 256>, 3> table;
  for (std::size_t c = 0; c < 3; ++c) {
    for (std::size_t v = 0; v < 256; ++v) {
      table[c][v] = (static_cast<float>(v) / 255.0f - preset.mean[c]) / preset.std[c];
    }
  }
  return table;
}

/// Writes one picture, [3, H, W].
void write(const Image& image, const Geometry& g, const Preset& preset,
           const std::array<std::array<float, 256>, 3>& table, float* to) {
  const Image part = resize(image, g.width, g.height, preset.interpolation,
                            {g.across.from, g.down.from, g.across.count, g.down.count});
  const bool framed = g.across.count < g.across.size || g.down.count < g.down.size;
  const std::int64_t plane = g.across.size * g.down.size;
  for (std::size_t c = 0; c < 3; ++c, to += plane) {
    if (framed) std::fill_n(to, plane, table[c][0]);
    const std::uint8_t* pixel = part.pixels().data() + c;
    for (std::int64_t y = 0; y < g.down.count; ++y) {
      float* row = to + (g.down.to + y) * g.across.size + g.across.to;
      for (std::int64_t x = 0; x < g.across.count; ++x, pixel += 3) row[x] = table[c][*pixel];
    }
  }
}

}  // namespace

void check_preset(const Preset& preset) {
  if (preset.resize < 0 || preset.resize > kMaxSide || preset.crop < 0 || preset.crop > kMaxSide) {
    fail("preprocess: expected sizes from 0 to ", kMaxSide, ", got resize ", preset.resize, ", crop ", preset.crop);
  }
  for (std::size_t c = 0; c < 3; ++c) {
    if (preset.std[c] == 0.0f) fail("preprocess: a standard deviation of 0");
    if (!std::isfinite(preset.std[c]) || !std::isfinite(preset.mean[c])) {
      fail("preprocess: expected finite means and deviations, got ", preset.mean[c], " and ", preset.std[c]);
    }
  }
}

Tensor preprocess(const Image& image, const Preset& preset) { return preprocess(std::span(&image, 1), preset); }

Tensor preprocess(std::span<const Image> images, const Preset& preset) {
  check_preset(preset);
  if (images.empty()) return empty({0, 3, preset.crop, preset.crop});
  const auto table = normalised(preset);
  const Geometry first = geometry_of(images[0], preset);
  Tensor batch = empty({static_cast<std::int64_t>(images.size()), 3, first.down.size, first.across.size});
  float* to = batch.data();
  for (std::size_t i = 0; i < images.size(); ++i) {
    const Geometry g = geometry_of(images[i], preset);
    if (g.down.size != first.down.size || g.across.size != first.across.size) {
      fail("preprocess: picture ", i, " becomes ", g.across.size, " x ", g.down.size, " pixels, but picture 0 ",
           first.across.size, " x ", first.down.size);
    }
    write(images[i], g, preset, table, to);
    to += 3 * g.across.size * g.down.size;
  }
  return batch;
}

Tensor imagenet(const Image& image) { return preprocess(image, Preset{}); }

}  // namespace minnow
