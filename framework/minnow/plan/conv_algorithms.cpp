#include <algorithm>

#include <minnow/plan/conv_algorithms.h>

namespace minnow {
namespace {

using kernels::ConvShape;

double vectors(std::int64_t channels, int width) { return static_cast<double>((channels + width - 1) / width); }

double outputs(const ConvShape& s) { return static_cast<double>(s.batch * s.out_h * s.out_w); }

/// Multiply-adds of vectors that a direct convolution does.
double direct_work(const ConvShape& s, int width) {
  const double terms = static_cast<double>(s.in_channels / s.groups * s.kernel_h * s.kernel_w);
  return outputs(s) * vectors(s.out_channels, width) * terms;
}

double direct_cost(const ConvShape& s, int width) { return 1.1 * direct_work(s, width); }

/// Products in tiles of (m + 2)^2 places for m^2 pixels, the transforms before and after them, and the weights, which
/// have grown and come from the outer caches.
template <int m>
double winograd_cost(const ConvShape& s, int width) {
  constexpr double places = (m + 2) * (m + 2);
  const double in = static_cast<double>(s.in_channels), out = vectors(s.out_channels, width);
  const double tiles = static_cast<double>(s.batch * ((s.out_h + m - 1) / m) * ((s.out_w + m - 1) / m));
  return places * (1.1 * tiles * in * out + 8 * tiles * (vectors(s.in_channels, width) + out) + 8 * in * out);
}

/// Each lane's pixels are staged by themselves.
double lanes_cost(const ConvShape& s, int width) {
  const double staged = static_cast<double>(s.batch * s.in_h * s.in_w * (s.in_channels / s.groups));
  return 1.5 * direct_work(s, width) + staged * static_cast<double>(s.out_channels);
}

constexpr ConvAlgorithm kAlgorithms[] = {
    {kernels::ConvAlgorithm::winograd4, winograd_cost<4>}, {kernels::ConvAlgorithm::winograd2, winograd_cost<2>},
    {kernels::ConvAlgorithm::direct, direct_cost},         {kernels::ConvAlgorithm::plain, direct_cost},
    {kernels::ConvAlgorithm::lanes, lanes_cost},
};

}  // namespace

std::span<const ConvAlgorithm> conv_algorithms() { return kAlgorithms; }

std::vector<ConvChoice> conv_choices(const kernels::Table& table, const ConvShape& shape, kernels::Format in,
                                     const ConvPreferences& preferences) {
  std::vector<ConvChoice> choices;
  for (const ConvAlgorithm& algorithm : kAlgorithms) {
    const kernels::ConvKernel& kernel = table.conv[algorithm.id];
    if (kernel.in != in || (!kernel.exact && !preferences.winograd) || !kernel.applies(shape)) continue;
    choices.push_back({&kernel, algorithm.cost(shape, table.width)});
  }
  std::ranges::stable_sort(choices, {}, &ConvChoice::cost);
  return choices;
}

}  // namespace minnow
