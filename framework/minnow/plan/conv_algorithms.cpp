#include <algorithm>
#include <cmath>

#include <minnow/kernels/core.h>
#include <minnow/kernels/dispatch.h>
#include <minnow/plan/conv_algorithms.h>

namespace minnow {
namespace {

using Core = ConvCost::Core;

double vectors(std::int64_t channels, int width) { return static_cast<double>((channels + width - 1) / width); }

double outputs(const kernels::ConvShape& s) { return static_cast<double>(s.batch * s.out_h * s.out_w); }

/// Multiply-adds of vectors that a direct convolution does.
double direct_work(const kernels::ConvShape& s, const Core& core) {
  const double terms = static_cast<double>(s.in_channels / s.groups * s.kernel_h * s.kernel_w);
  return outputs(s) * vectors(s.out_channels, core.width) * terms;
}

/// What it costs to multiply while packed weights are read from memory, in multiply-adds. Reading costs as much for
/// each byte whatever the width. The two go on at once, but less than perfectly.
double multiplying(double work, double weight_vectors, const Core& core) {
  return std::hypot(1.1 * work, core.weights * core.width * weight_vectors);
}

template <bool plain = false>
double direct_cost(const kernels::ConvShape& s, const Core& core) {
  const double taps = static_cast<double>(s.kernel_h * s.kernel_w);
  const double weights = static_cast<double>(s.in_channels / s.groups) * vectors(s.out_channels, core.width) * taps;
  // A pixel or two wait for their own sums.
  const double waiting = std::max(1.0, 4 / outputs(s));
  // Zen computes half vectors of two pixels at a time, unless they are plain.
  const std::int64_t rest = s.out_channels % core.width;
  const bool half =
      !plain && core.width == 16 && kernels::core() != kernels::Core::other && 0 < rest && rest <= core.width / 2;
  const double out = vectors(s.out_channels, core.width), share = half && out > 1 ? (out - 0.5) / out : 1;
  return multiplying(waiting * share * direct_work(s, core), weights, core);
}

/// Places along a side, in tiles of e values and m pixels. The last tile has but those that its pixels need (the kernel
/// drops none where they are few). Of two phases the second one does not count at the last place of a tile, where
/// phases lie in blocks of their own.
double winograd_places(std::int64_t pixels, int e, int m, bool blocked_phases) {
  const std::int64_t tiles = (pixels + m - 1) / m, last = pixels - (tiles - 1) * m + e - m;
  const auto used = [&](std::int64_t places) { return blocked_phases ? 2 * places - 1 : places; };
  return static_cast<double>((tiles - 1) * used(e) + used(last));
}

/// Products at e^2 places for tiles of m^2 pixels, of as many phases as there are to a stride, the transforms before
/// and after them, and the weights, which have grown. Fitted to 64 to 512 channels at 7x7 to 56x56.
template <int e, int m, int stride, bool plain = false, bool pairs = false>
double winograd_cost(const kernels::ConvShape& s, const Core& core) {
  constexpr bool blocked_phases = stride > 1 && !plain;
  constexpr double places = e * e;
  constexpr double weight_rows = blocked_phases ? (2 * e - 1) * (2 * e - 1) : stride * stride * places;
  const double in = static_cast<double>(s.in_channels), out = vectors(s.out_channels, core.width);
  const double in_vectors = plain ? 3 * vectors(stride * stride * s.in_channels, core.width)  // staged lane by lane
                                  : stride * stride * vectors(s.in_channels, core.width);
  const double batch = static_cast<double>(s.batch);
  const double tiles = batch * static_cast<double>(((s.out_h + m - 1) / m) * ((s.out_w + m - 1) / m));
  const double products = batch * winograd_places(s.out_h, e, m, blocked_phases) *
                          winograd_places(s.out_w, e, m, blocked_phases) * (plain ? stride * stride : 1);
  const double transforms = core.others * 10 * tiles * places * (in_vectors + out);
  const double scaling = pairs ? (20 * in_vectors + 60) * tiles * places : 0;
  return multiplying((pairs ? core.pairs : 1) * products * in * out, weight_rows * in * out, core) + transforms +
         scaling;
}

/// Four products along a row for two pixels of three taps each, and weights that have grown by a third.
double winograd_row_cost(const kernels::ConvShape& s, const Core& core) {
  const double in = static_cast<double>(s.in_channels), out = vectors(s.out_channels, core.width);
  const double rows = static_cast<double>(s.batch * s.out_h), tiles = rows * static_cast<double>((s.out_w + 1) / 2);
  const double products = 3 * rows * winograd_places(s.out_w, 4, 2, false);
  const double transforms = core.others * 10 * tiles * 4 * (vectors(s.in_channels, core.width) + out);
  return multiplying(products * in * out, 12 * in * out, core) + transforms;
}

/// In groups nothing but weights goes through the L2 cache, which holds those of a group for the next row of tiles
/// unless they are too many. Where groups are part of a block, each product but a group's first exchanges lanes.
double winograd_grouped_cost(const kernels::ConvShape& s, const Core& core) {
  const double group = static_cast<double>(s.in_channels / s.groups);
  const double in = vectors(s.in_channels, core.width), out = vectors(s.out_channels, core.width);
  const double rows = static_cast<double>(s.batch) * winograd_places(s.out_h, 6, 4, false);
  const double tiles = rows / 6 * static_cast<double>((s.out_w + 3) / 4);
  const double terms = group < core.width ? group + core.others * (group - 1) : group;
  const bool fits = 36 * group * static_cast<double>(s.out_channels / s.groups) < 256 * 1024;
  const double readings = fits ? 1 : static_cast<double>(s.batch * ((s.out_h + 3) / 4));
  return multiplying(36 * tiles * terms * out, 36 * readings * group * out, core) +
         core.others * 235 * tiles * (in + out);
}

/// Seven eighths of the products; sums of pixels before them and of products after them, and what short products lose.
double strassen_cost(const kernels::ConvShape& s, const Core& core) {
  const double in = vectors(s.in_channels, core.width), out = vectors(s.out_channels, core.width);
  const double weights = static_cast<double>(s.in_channels) * out;
  const double staging = s.out_h == s.in_h && s.out_w == s.in_w ? 0 : 4 * outputs(s) * in;
  const double sums = core.others * (15 * outputs(s) * (in + out) + staging + 45'000);
  return multiplying(7.0 / 8 * direct_work(s, core), 7.0 / 4 * weights, core) + sums;
}

/// Two products by one multiplication; the pixels are staged, sums begin and end with more than others, and of a few
/// pixels they wait for their own. Fitted to 16 to 256 channels at 14x14 to 112x112.
double pairs_cost(const kernels::ConvShape& s, const Core& core) {
  const double in = vectors(s.in_channels, core.width), out = vectors(s.out_channels, core.width);
  const double weights = static_cast<double>(s.in_channels) * out;
  const double waiting = std::max(1.0, 6 / outputs(s));
  return multiplying(core.pairs * waiting * direct_work(s, core), weights, core) +
         core.others * (12 * in + 4 * out + 30) * outputs(s);
}

/// A product takes a quarter of a multiply-add's time, with all its six products of digits: 32 pixels and 64 input
/// channels at a time, and where windows reach over the end of a row or an image also pixels that nobody wants. Pixels
/// become digits before, and sums numbers after; weights take three bytes each.
double digits_cost(const kernels::ConvShape& s, const Core& core) {
  const double planes = vectors(s.in_channels, 64), out = vectors(s.out_channels, core.width);
  const double taps = static_cast<double>(s.kernel_h * s.kernel_w), images = static_cast<double>(s.batch);
  const bool pointwise = s.kernel_h * s.kernel_w == 1;
  const double width = static_cast<double>(s.out_w + (s.kernel_w - 1) * s.dilation_w / s.stride_w);
  const std::int64_t halo = s.batch > 1 ? (s.kernel_h - 1) * s.dilation_h / s.stride_h : 0;
  const double pixels = std::ceil(images * static_cast<double>(s.out_h + halo) * width / 32) * 32;
  const double staged = pointwise ? outputs(s) : images * static_cast<double>(s.in_h * s.in_w);
  return multiplying(0.25 * pixels * 64 * planes * taps * out, 0.75 * 64 * planes * taps * out, core) +
         120 * staged * planes + 30 * outputs(s) * out + 10'000;
}

/// Lanes are exchanged by a unit which, where there are two for multiply-adds, is one of them.
double narrow_cost(const kernels::ConvShape& s, const Core& core) {
  return (0.6 + 0.9 * core.others) * direct_work(s, core);
}

/// The pixels of each lane are staged by themselves.
double lanes_cost(const kernels::ConvShape& s, const Core& core) {
  const double staged = static_cast<double>(s.batch * s.in_h * s.in_w) * vectors(s.out_channels, core.width);
  const double weights =
      static_cast<double>(s.in_channels / s.groups * s.kernel_h * s.kernel_w) * vectors(s.out_channels, core.width);
  return multiplying(1.4 * direct_work(s, core), weights, core) +
         core.others * 8 * staged * static_cast<double>(s.in_channels / s.groups);
}

constexpr ConvCost kConvCosts[] = {
    {kernels::ConvAlgorithm::winograd4, winograd_cost<6, 4, 1>},
    {kernels::ConvAlgorithm::winograd4_pairs, winograd_cost<6, 4, 1, false, true>},
    {kernels::ConvAlgorithm::winograd4_grouped, winograd_grouped_cost},
    {kernels::ConvAlgorithm::winograd2, winograd_cost<4, 2, 1>},
    {kernels::ConvAlgorithm::winograd1x2, winograd_row_cost},
    {kernels::ConvAlgorithm::winograd3_stride2, winograd_cost<4, 3, 2>},
    {kernels::ConvAlgorithm::winograd3_stride2_plain, winograd_cost<6, 3, 2, true>},
    {kernels::ConvAlgorithm::strassen, strassen_cost},
    {kernels::ConvAlgorithm::pairs, pairs_cost},
    {kernels::ConvAlgorithm::digits_pointwise, digits_cost},
    {kernels::ConvAlgorithm::digits, digits_cost},
    {kernels::ConvAlgorithm::direct, direct_cost<>},
    {kernels::ConvAlgorithm::plain, direct_cost<true>},
    {kernels::ConvAlgorithm::depthwise, narrow_cost},
    {kernels::ConvAlgorithm::grouped, narrow_cost},
    {kernels::ConvAlgorithm::lanes, lanes_cost},
};

/// The core of this machine, as measured.
Core core_of(const kernels::Table& table) {
  const bool slow = kernels::multiply_adds_a_cycle(table) < 2, zen5 = kernels::core() == kernels::Core::zen5;
  // Of three terms two are a pair: they take the time of two where additions are free, and little more in practice.
  const double pairs = !kernels::adds_beside_multiply_adds(table) ? 1.4 : zen5 ? 0.74 : 0.7;
  const double others = slow ? 0.5 : zen5 ? 0.85 : 1;
  // A Xeon's core reads 15 GB/s from memory, Zen 4's 32.
  const double weights = kernels::slow_l3() ? 1.75 : others;
  return {table.width, others, weights, pairs};
}

}  // namespace

std::span<const ConvCost> conv_costs() { return kConvCosts; }

std::vector<ConvChoice> conv_choices(const kernels::Table& table, const kernels::ConvShape& shape, kernels::Format in,
                                     const ConvPreferences& preferences) {
  const Core core = core_of(table);
  std::vector<ConvChoice> choices;
  for (const ConvCost& cost : kConvCosts) {
    const kernels::ConvKernel& kernel = table.conv[cost.algorithm];
    if (kernel.in != in || (!kernel.exact && !preferences.winograd) || !kernel.applies(shape)) continue;
    choices.push_back({&kernel, cost.of(shape, core)});
  }
  std::ranges::stable_sort(choices, {}, &ConvChoice::cost);
  return choices;
}

std::vector<ConvChoice> conv_choices_from_plain(const kernels::Table& table, const kernels::ConvShape& shape,
                                                const ConvPreferences& preferences) {
  auto choices = conv_choices(table, shape, {}, preferences);
  return choices.empty() ? conv_choices(table, shape, table.blocked(), preferences) : choices;
}

}  // namespace minnow
