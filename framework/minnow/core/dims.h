#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <ostream>
#include <span>

#include <minnow/core/shape.h>

namespace minnow {

/// A list of up to eight dimensions, negative ones from the end: `1`, `{2, 3}`; `{}` is the empty list.
class Dims {
 public:
  constexpr Dims() = default;
  constexpr Dims(std::same_as<int> auto dim) { push_back(dim); }
  constexpr Dims(std::initializer_list<int> dims) : Dims(std::span<const int>(dims.begin(), dims.size())) {}
  constexpr explicit Dims(std::span<const int> dims) {
    for (const int dim : dims) push_back(dim);
  }

  constexpr int size() const { return size_; }
  constexpr bool empty() const { return size_ == 0; }
  constexpr int operator[](int i) const { return dims_[static_cast<std::size_t>(i)]; }
  constexpr const int* begin() const { return dims_.data(); }
  constexpr const int* end() const { return dims_.data() + size_; }

  constexpr bool operator==(const Dims&) const = default;
  friend std::ostream& operator<<(std::ostream& out, const Dims& dims) {
    out << '(';
    for (int i = 0; i < dims.size_; ++i) out << (i ? ", " : "") << dims[i];
    return out << ')';
  }

 private:
  constexpr void push_back(int dim) {
    if (size_ == Shape::max_rank) fail("a list of dimensions has at most ", Shape::max_rank, " of them");
    dims_[static_cast<std::size_t>(size_++)] = dim;
  }

  std::array<int, Shape::max_rank> dims_{};
  int size_ = 0;
};

}  // namespace minnow
