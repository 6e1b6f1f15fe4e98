#pragma once

#include <minnow/kernels/conv.inl.h>
#include <minnow/kernels/elementwise.inl.h>
#include <minnow/kernels/reorder.inl.h>
#include <minnow/kernels/table.h>

namespace minnow::kernels {
namespace {

/// The table of the xsimd architecture A: every kernel, compiled for it.
template <class A>
constexpr Table table_of(const char* name) {
  return {
      .name = name,
      .width = kWidth<A>,
      .binary = binary<A>,
      .unary = unary<A>,
      .conv = conv_kernels<A>(),
      .block = block_channels<A>,
      .unblock = unblock_channels<A>,
  };
}

}  // namespace
}  // namespace minnow::kernels
