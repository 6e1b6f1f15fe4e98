#pragma once

#include <cstdint>
#include <optional>

#include <minnow/core/saturate.h>
#include <minnow/core/shape.h>
#include <minnow/ops/options.h>

// What the pools share: the sizes of their outputs and the places of their windows.

namespace minnow {

/// The stride of a pool: `2`, `{2, 1}`, or nothing, which means the kernel size.
struct PoolStride {
  std::optional<Pair> given;

  constexpr PoolStride() = default;
  template <std::integral I>
  constexpr PoolStride(I both) : given(Pair(both)) {}
  constexpr PoolStride(std::int64_t height, std::int64_t width) : given(Pair(height, width)) {}
  constexpr PoolStride(Pair pair) : given(pair) {}

  constexpr Pair or_kernel(Pair kernel_size) const { return given.value_or(kernel_size); }
};

/// The window that slides over each picture.
struct PoolWindow {
  Pair kernel_size, stride, padding, dilation = 1;
  bool ceil_mode = false;
};

/// How many windows of `kernel` elements lie along an input of `in`, counted as torch does: with `ceil_mode` a last one
/// that begins beyond the input and its left padding is dropped. May be negative where the kernel is too large.
constexpr std::int64_t pooled_size(std::int64_t in, std::int64_t kernel, std::int64_t stride, std::int64_t padding,
                                   std::int64_t dilation, bool ceil_mode) {
  const std::int64_t padded = saturating_add(in, saturating_add(padding, padding));
  const std::int64_t spare = saturating_add(padded, -saturating_mul(dilation, kernel - 1)) - 1;
  const std::int64_t room = saturating_add(spare, ceil_mode ? stride - 1 : 0);
  const std::int64_t out = (room >= 0 ? room / stride : -1) + 1;
  return ceil_mode && saturating_mul(out - 1, stride) >= saturating_add(in, padding) ? out - 1 : out;
}

/// Throws unless `x` is [C, H, W] or [N, C, H, W]; only N may be zero.
constexpr void expect_picture(const char* op, const Shape& x) {
  if (x.rank() != 3 && x.rank() != 4) fail(op, ": expected an input [N, C, H, W] or [C, H, W], got ", x);
  for (int i = -3; i < 0; ++i) {
    if (x[i] == 0) fail(op, ": only the batch may be empty, got ", x);
  }
}

/// Throws where no input could have such windows.
constexpr void check_window(const char* op, const PoolWindow& window) {
  const auto& [kernel, stride, padding, dilation, ceil_mode] = window;
  if (kernel.h < 1 || kernel.w < 1 || stride.h < 1 || stride.w < 1 || dilation.h < 1 || dilation.w < 1) {
    fail(op, ": kernel size ", kernel, ", stride ", stride, " and dilation ", dilation, " must be positive");
  }
  if (padding.h < 0 || padding.w < 0 || padding.h > kernel.h / 2 || padding.w > kernel.w / 2) {
    fail(op, ": padding ", padding, " must be at most half of the kernel size ", kernel);
  }
}

/// [N, C, H, W] -> [N, C, H', W'], and the same without N.
constexpr Shape pooled_shape(const char* op, const Shape& x, const PoolWindow& window) {
  const auto& [kernel, stride, padding, dilation, ceil_mode] = window;
  expect_picture(op, x);
  check_window(op, window);
  Shape out = x;
  out[-2] = pooled_size(x[-2], kernel.h, stride.h, padding.h, dilation.h, ceil_mode);
  out[-1] = pooled_size(x[-1], kernel.w, stride.w, padding.w, dilation.w, ceil_mode);
  if (out[-2] < 1 || out[-1] < 1) {
    fail(op, ": the kernel ", kernel, " with padding ", padding, " and dilation ", dilation,
         " does not fit into the input ", x);
  }
  return out;
}

/// [N, C, H, W] -> [N, C, size.h, size.w], and the same without N. An empty entry of `size` keeps the input's.
constexpr Shape adaptive_pooled_shape(const char* op, const Shape& x, const OutputSize& size) {
  expect_picture(op, x);
  Shape out = x;
  out[-2] = size.h.value_or(x[-2]);
  out[-1] = size.w.value_or(x[-1]);
  if (out[-2] < 0 || out[-1] < 0) fail(op, ": the output size must not be negative, got ", out, " from ", x);
  return out;
}

/// Where region i of `out` adaptive regions begins in an input of `in` elements: floor(i * in / out).
constexpr std::int64_t region_begin(std::int64_t i, std::int64_t in, std::int64_t out) { return i * in / out; }
/// Where it ends: ceil((i + 1) * in / out). Regions overlap where `in` is no multiple of `out`.
constexpr std::int64_t region_end(std::int64_t i, std::int64_t in, std::int64_t out) {
  return ((i + 1) * in + out - 1) / out;
}

}  // namespace minnow
