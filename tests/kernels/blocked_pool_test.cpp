#include <minnow/kernels/blocked_pool.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>
#include <vector>

#include "kernels/isa.h"

namespace minnow::kernels {
namespace {

class BlockedPool : public IsaTest {};

// The rows or the columns of a pool: what each output looks at, and what the kernel is told of it.
struct PooledSide {
  std::int64_t in, step;
  std::vector<std::vector<std::int64_t>> taps;  // from the first to the last
  std::vector<double> counts;                   // what a mean divides by
  std::vector<PoolRegion> regions;

  std::int64_t out() const { return static_cast<std::int64_t>(taps.size()); }

  void add(const std::vector<std::int64_t>& elements, std::int64_t count) {
    const bool none = elements.empty();
    taps.push_back(elements);
    counts.push_back(static_cast<double>(count));
    regions.push_back({none ? 0 : elements.front(), none ? 0 : elements.back() + 1, 1.0f / static_cast<float>(count)});
  }
};

struct SideWindow {
  std::int64_t kernel, stride, pad = 0, dilation = 1;
};

PooledSide slide(std::int64_t in, const SideWindow& w, bool ceil, bool count_pad) {
  PooledSide side{in, w.dilation, {}, {}, {}};
  const std::int64_t reach = w.dilation * (w.kernel - 1) + 1, limit = in + w.pad + (ceil ? w.stride - 1 : 0);
  for (std::int64_t start = -w.pad; start < in && start + reach <= limit; start += w.stride) {
    std::vector<std::int64_t> taps;
    for (std::int64_t tap = start; tap < start + reach; tap += w.dilation) {
      if (tap >= 0 && tap < in) taps.push_back(tap);
    }
    const auto inside = std::max<std::int64_t>(static_cast<std::int64_t>(taps.size()), 1);
    side.add(taps, count_pad ? std::min(start + reach, in + w.pad) - start : inside);
  }
  return side;
}

PooledSide adapt(std::int64_t in, std::int64_t out) {
  PooledSide side{in, 1, {}, {}, {}};
  for (std::int64_t i = 0; i < out; ++i) {
    std::vector<std::int64_t> taps;
    for (std::int64_t tap = i * in / out; tap * out < (i + 1) * in; ++tap) taps.push_back(tap);
    side.add(taps, static_cast<std::int64_t>(taps.size()));
  }
  return side;
}

constexpr std::pair<SideWindow, SideWindow> kSlidingWindows[] = {
    {{2, 2}, {2, 2}},       {{3, 2, 1}, {3, 2, 1}},       {{3, 1, 1}, {3, 1, 1}},       {{1, 1}, {1, 1}},
    {{5, 3, 2}, {3, 2, 1}}, {{2, 1}, {3, 4, 1}},          {{1, 3}, {4, 1, 2}},          {{20, 2}, {20, 3, 10}},
    {{7, 7}, {7, 7}},       {{3, 2, 1, 2}, {2, 1, 1, 4}}, {{2, 1, 1, 3}, {3, 1, 1, 1}},  // holes, and nothing but holes
};
constexpr std::int64_t kSlidingInputs[][2] = {{1, 1}, {7, 7}, {13, 37}, {23, 21}, {2, 9}, {9, 2}, {112, 5}};
constexpr std::int64_t kAdaptiveSizes[][4] = {{1, 1, 1, 1}, {7, 7, 1, 1}, {56, 57, 1, 1}, {14, 14, 7, 7}, {7, 7, 7, 7},
                                              {5, 9, 3, 4}, {3, 2, 7, 5}, {1, 1, 3, 3},   {10, 10, 10, 1}};

// Calls f(rows, columns) for windows of every kind, then for adaptive regions.
template <class F>
void for_sides(F f) {
  for (const auto& [high, wide] : kSlidingWindows) {
    for (const auto& [in_h, in_w] : kSlidingInputs) {
      for (int rule = 0; rule < 4; ++rule) {
        const bool ceil = rule % 2 != 0, count_pad = rule / 2 != 0;
        const PooledSide rows = slide(in_h, high, ceil, count_pad), columns = slide(in_w, wide, ceil, count_pad);
        if (rows.out() > 0 && columns.out() > 0) f(rows, columns);
      }
    }
  }
  for (const auto& [in_h, in_w, out_h, out_w] : kAdaptiveSizes) f(adapt(in_h, out_h), adapt(in_w, out_w));
}

// Four units, of which a test pools the two in the middle; the others are NaN, and what a test must not write is kInf.
constexpr std::int64_t kUnits = 4, kFirstUnit = 1, kLastUnit = 3;

template <class Draw>
Floats units_of(std::int64_t unit_size, Draw draw) {
  Floats x(kUnits * unit_size, kNaN);
  const Floats drawn = draw((kLastUnit - kFirstUnit) * unit_size);
  std::copy_n(drawn.data(), drawn.size(), x.data() + kFirstUnit * unit_size);
  return x;
}

// Pools x and calls check(result, values, count) for each output: the elements that it looks at in row-major order, and
// what their mean divides by.
template <class Check>
void pool_units(const Table& table, const PooledSide& rows, const PooledSide& columns, bool max, const Floats& x,
                Check check) {
  const std::int64_t width = table.width, out_size = rows.out() * columns.out() * width;
  Floats y(kUnits * out_size, kInf);
  table.blocked_pool({x.data(), y.data(), rows.in, columns.in, rows.out(), columns.out(), rows.regions.data(),
                      columns.regions.data(), rows.step, columns.step, max},
                     kFirstUnit, kLastUnit);
  std::vector<float> values;
  for (std::int64_t o = 0; o < static_cast<std::int64_t>(y.size()); ++o) {
    const std::int64_t unit = o / out_size, lane = o % width;
    if (unit < kFirstUnit || unit >= kLastUnit) {
      ASSERT_EQ(y[o], kInf) << "written at " << o << ", which is of another unit";
      continue;
    }
    const auto i = static_cast<std::size_t>(o / width / columns.out() % rows.out());
    const auto j = static_cast<std::size_t>(o / width % columns.out());
    values.clear();
    for (const std::int64_t row : rows.taps[i]) {
      for (const std::int64_t column : columns.taps[j]) {
        values.push_back(x[((unit * rows.in + row) * columns.in + column) * width + lane]);
      }
    }
    ASSERT_TRUE(check(y[o], values, rows.counts[i] * columns.counts[j]))
        << "got " << y[o] << " from " << rows.in << " x " << columns.in << " to " << rows.out() << " x "
        << columns.out() << ", at " << o;
  }
  EXPECT_TRUE(y.intact());
}

TEST_P(BlockedPool, MaximaEqualTheDefinitionToTheBit) {
  const float special[] = {-0.0f, 0.0f, -1.0f, -2.0f, -kInf, kNaN, std::bit_cast<float>(0x7fc01234u)};
  for_sides([&](const PooledSide& rows, const PooledSide& columns) {
    for (int kind = 0; kind < 4; ++kind) {  // any values; zeros of both signs; NaNs of two kinds; nothing but -inf
      const Floats x = units_of(rows.in * columns.in * table().width, [&](std::int64_t n) {
        if (kind == 3) return Floats(n, -kInf);
        Floats drawn = Floats::random(n, 11, kind == 0 ? -1.0f : 0.0f, kind == 2 ? 6.999f : 4.999f);
        if (kind > 0) {
          for (float& f : drawn) f = special[static_cast<int>(f)];
        }
        return drawn;
      });
      pool_units(table(), rows, columns, true, x, [](float result, const std::vector<float>& values, double) {
        float largest = -kInf;
        for (const float value : values) {
          if (value > largest || std::isnan(value)) largest = value;
        }
        return std::bit_cast<std::uint32_t>(result) == std::bit_cast<std::uint32_t>(largest);
      });
    }
  });
}

// A sum of n floats is off by at most n - 1 roundings, the shares and the products with them by four more.
TEST_P(BlockedPool, MeansAgreeWithDoublesButForTheRoundingOfEachStep) {
  for_sides([&](const PooledSide& rows, const PooledSide& columns) {
    const Floats x =
        units_of(rows.in * columns.in * table().width, [](std::int64_t n) { return Floats::random(n, 1, 0.5f, 1); });
    pool_units(table(), rows, columns, false, x, [](float result, const std::vector<float>& values, double count) {
      double sum = 0;
      for (const float value : values) sum += value;
      const double roundings = static_cast<double>(values.size()) + 3;
      return std::abs(result - sum / count) <= roundings * 0x1p-24 * (sum / count);
    });
  });
}

TEST_P(BlockedPool, MeansKeepNaNAndInfinity) {
  const PooledSide side = slide(2, {2, 2}, false, false);
  for (const float special : {kNaN, kInf, -kInf}) {
    const Floats x = units_of(4 * table().width, [&](std::int64_t n) {
      Floats drawn(n, 1.0f);
      for (std::int64_t i = 0; i < n; i += 2) drawn[i] = special;  // every other lane
      return drawn;
    });
    pool_units(table(), side, side, false, x, [](float result, const std::vector<float>& values, double) {
      return std::isnan(values[0]) ? std::isnan(result) : result == values[0];
    });
  }
}

TEST_P(BlockedPool, NoUnitsAreNoWork) {
  table().blocked_pool({nullptr, nullptr, 4, 4, 2, 2, nullptr, nullptr, 1, 1, true}, 3, 3);
  table().blocked_pool({nullptr, nullptr, 4, 4, 2, 2, nullptr, nullptr, 1, 1, false}, 0, 0);
}

MINNOW_ON_EVERY_ISA(BlockedPool);

}  // namespace
}  // namespace minnow::kernels
