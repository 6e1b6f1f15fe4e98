#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <ostream>
#include <string_view>

#include <minnow/core/error.h>

namespace minnow {

/// A height and a width: `2` means both, `{1, 2}` each.
struct Pair {
  std::int64_t h, w;
  bool single = false;  // given as one number: some layers print it so, and nothing else asks

  template <std::integral I>
  constexpr Pair(I both) : h(both), w(both), single(true) {}
  constexpr Pair(std::int64_t height, std::int64_t width) : h(height), w(width) {}

  constexpr bool operator==(const Pair& other) const { return h == other.h && w == other.w; }
  /// As torch writes it: (1, 2).
  friend std::ostream& operator<<(std::ostream& out, const Pair& pair) {
    return out << '(' << pair.h << ", " << pair.w << ')';
  }
};

/// A Pair that may be left out: `2`, `{1, 2}` or nothing.
struct OptionalPair : std::optional<Pair> {
  using std::optional<Pair>::optional;
  constexpr OptionalPair(std::int64_t height, std::int64_t width) : optional(Pair(height, width)) {}
};

/// The padding of a convolution: `1`, `{1, 2}` (height, width), "same" or "valid".
struct Padding {
  Pair size = 0;
  bool same = false, valid = false;  // "valid" is 0, under its name

  template <std::integral I>
  constexpr Padding(I both) : size(both) {}
  constexpr Padding(std::int64_t height, std::int64_t width) : size(height, width) {}
  constexpr Padding(Pair pair) : size(pair) {}
  constexpr Padding(const char* name)
      : same(std::string_view(name) == "same"), valid(std::string_view(name) == "valid") {
    if (!same && !valid) fail("padding: expected \"same\" or \"valid\", got \"", name, '"');
  }

  constexpr bool operator==(const Padding& other) const { return size == other.size && same == other.same; }
};

/// The output size of an adaptive pool: `1`, `{7, 7}`, or with an empty entry that keeps the input's size,
/// `{7, std::nullopt}`.
struct OutputSize {
  std::optional<std::int64_t> h, w;
  bool single = false;  // as in Pair

  template <std::integral I>
  constexpr OutputSize(I both) : h(both), w(both), single(true) {}
  constexpr OutputSize(std::optional<std::int64_t> height, std::optional<std::int64_t> width) : h(height), w(width) {}

  constexpr bool operator==(const OutputSize& other) const { return h == other.h && w == other.w; }
  /// As torch writes it: (7, None).
  friend std::ostream& operator<<(std::ostream& out, const OutputSize& size) {
    out << '(';
    size.h ? out << *size.h : out << "None";
    out << ", ";
    size.w ? out << *size.w : out << "None";
    return out << ')';
  }
};

/// A factor for height and width: `2` means both, `{2, 1.5}` each; nothing unless given.
struct ScaleFactor {
  double h = 1, w = 1;
  bool given = false;
  bool single = false;  // as in Pair

  constexpr ScaleFactor() = default;
  constexpr ScaleFactor(double both) : h(both), w(both), given(true), single(true) {}
  constexpr ScaleFactor(double height, double width) : h(height), w(width), given(true) {}
};

}  // namespace minnow
