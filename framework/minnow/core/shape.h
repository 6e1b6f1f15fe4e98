#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <ostream>
#include <span>
#include <utility>

#include <minnow/core/error.h>

namespace minnow {

/// The sizes of a tensor's dimensions, at most eight, by value. A literal type: shape rules run at compile time too,
/// so that `static_assert(conv2d_shape({1, 3, 224, 224}, {64, 3, 7, 7}, {.stride = 2}) == Shape{1, 64, 112, 112})`
/// works.
class Shape {
 public:
  static constexpr int max_rank = 8;

  constexpr Shape() = default;
  constexpr Shape(std::initializer_list<std::int64_t> dims) : Shape(dims.begin(), dims.end()) {}
  constexpr explicit Shape(std::span<const std::int64_t> dims) : Shape(dims.data(), dims.data() + dims.size()) {}

  constexpr int rank() const { return rank_; }

  /// The size of dimension `dim`; negative counts from the end. Throws where there is no such dimension.
  constexpr std::int64_t operator[](int dim) const { return dims_[static_cast<std::size_t>(index(dim))]; }
  constexpr std::int64_t& operator[](int dim) { return dims_[static_cast<std::size_t>(index(dim))]; }

  /// `dim` as a number from 0 to rank() - 1, of which it may count from the end. Throws where there is no such
  /// dimension.
  constexpr int index(int dim) const {
    const int at = dim < 0 ? dim + rank_ : dim;
    if (at < 0 || at >= rank_) fail("dimension ", dim, " is out of range for the shape ", *this);
    return at;
  }

  /// The number of elements: 1 for a scalar. Throws where it does not fit 63 bits or a size is negative.
  constexpr std::int64_t numel() const {
    std::int64_t product = 1;
    bool empty = false, overflow = false;
    for (int i = 0; i < rank_; ++i) {
      const std::int64_t dim = dims_[static_cast<std::size_t>(i)];
      if (dim < 0) fail("the shape ", *this, " has a negative size");
      if (dim == 0) {
        empty = true;
      } else if (product > std::numeric_limits<std::int64_t>::max() / dim) {
        overflow = true;
      } else {
        product *= dim;
      }
    }
    if (empty) return 0;
    if (overflow) fail("the shape ", *this, " has more elements than 64 bits can count");
    return product;
  }

  constexpr void push_back(std::int64_t dim) {
    if (rank_ == max_rank) fail("a shape has at most ", max_rank, " dimensions");
    dims_[static_cast<std::size_t>(rank_++)] = dim;
  }
  /// Inserts `dim` before position `at`, 0 to rank().
  constexpr void insert(int at, std::int64_t dim) {
    push_back(dim);
    for (int i = rank_ - 1; i > at; --i) std::swap((*this)[i], (*this)[i - 1]);
  }
  constexpr void erase(int dim) {
    for (int i = index(dim); i + 1 < rank_; ++i) (*this)[i] = (*this)[i + 1];
    dims_[static_cast<std::size_t>(--rank_)] = 0;
  }

  constexpr const std::int64_t* begin() const { return dims_.data(); }
  constexpr const std::int64_t* end() const { return dims_.data() + rank_; }

  constexpr bool operator==(const Shape&) const = default;

  /// As torch writes it: [1, 3, 224, 224].
  friend std::ostream& operator<<(std::ostream& out, const Shape& shape) {
    out << '[';
    for (int i = 0; i < shape.rank_; ++i) out << (i ? ", " : "") << shape[i];
    return out << ']';
  }

 private:
  constexpr Shape(const std::int64_t* first, const std::int64_t* last) {
    for (; first != last; ++first) push_back(*first);
  }

  std::array<std::int64_t, max_rank> dims_{};
  int rank_ = 0;
};

}  // namespace minnow
