#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <ostream>
#include <span>
#include <string_view>

#include <minnow/core/shape.h>
#include <minnow/ops/check.h>

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

namespace detail {

/// For each dimension of `shape` whether `dims` lists it; an empty list means all. Throws where a dimension is out of
/// range or listed twice.
constexpr std::array<bool, Shape::max_rank> listed(std::string_view name, const Shape& shape, const Dims& dims) {
  std::array<bool, Shape::max_rank> result{};
  for (int i = 0; dims.empty() && i < shape.rank(); ++i) result[static_cast<std::size_t>(i)] = true;
  for (const int dim : dims) {
    if (shape.rank() == 0 && (dim == 0 || dim == -1)) continue;  // as torch: a scalar may be asked for its only one
    bool& entry = result[static_cast<std::size_t>(dim_of(name, shape, dim))];
    if (entry) fail(name, ": dimension ", dim, " appears twice in ", dims);
    entry = true;
  }
  return result;
}

}  // namespace detail
}  // namespace minnow
