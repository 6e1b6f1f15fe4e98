#pragma once

#include <minnow/kernels/adaptive_pool.inl.h>
#include <minnow/kernels/blocked_pool.inl.h>
#include <minnow/kernels/conv.inl.h>
#include <minnow/kernels/gemm.inl.h>
#include <minnow/kernels/norm.inl.h>
#include <minnow/kernels/pool.inl.h>
#include <minnow/kernels/probe.inl.h>
#include <minnow/kernels/reorder.inl.h>
#include <minnow/kernels/softmax.inl.h>
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
      .softmax = softmax<A>,
      .scale_shift = scale_shift<A>,
      .channel_stats = channel_stats<A>,
      .max_pool = max_pool<A>,
      .avg_pool = avg_pool<A>,
      .adaptive_max_pool = adaptive_max_pool<A>,
      .adaptive_avg_pool = adaptive_avg_pool<A>,
      .gemm = gemm<A>,
      .gemm_scratch = gemm_scratch<A>,
      .conv = conv_kernels<A>(),
      .blocked_pool = blocked_pool<A>,
      .block = block_channels<A>,
      .unblock = unblock_channels<A>,
      .probe = {probe_multiply_add<A>, probe_read<A>},
  };
}

}  // namespace
}  // namespace minnow::kernels
