#pragma once

#include <minnow/kernels/blocked_pool.h>
#include <minnow/kernels/conv.h>
#include <minnow/kernels/elementwise.h>
#include <minnow/kernels/gemm.h>
#include <minnow/kernels/norm.h>
#include <minnow/kernels/pool.h>
#include <minnow/kernels/probe.h>
#include <minnow/kernels/reorder.h>
#include <minnow/kernels/softmax.h>

namespace minnow::kernels {

/// The kernels of one instruction set. A kernel works on the calling thread, allocates nothing, and wants pointers
/// aligned to four bytes only.
struct Table {
  const char* name;  // as MINNOW_ISA spells it
  int width;         // floats per vector

  void (*binary)(const BinaryArgs&);
  void (*unary)(const UnaryArgs&);
  void (*softmax)(const SoftmaxArgs&);
  void (*scale_shift)(const ScaleShiftArgs&);
  void (*channel_stats)(const ChannelStatsArgs&);
  void (*max_pool)(const PoolArgs&);
  void (*avg_pool)(const PoolArgs&);
  void (*adaptive_max_pool)(const AdaptivePoolArgs&);
  void (*adaptive_avg_pool)(const AdaptivePoolArgs&);
  void (*gemm)(const GemmArgs&);
  std::int64_t (*gemm_scratch)(std::int64_t m, std::int64_t n, std::int64_t k);

  ConvKernels conv;
  void (*blocked_pool)(const BlockedPoolArgs&, std::int64_t first, std::int64_t last);
  void (*block)(const ReorderArgs&, std::int64_t first, std::int64_t last);    // NCHW to NCHW[width]
  void (*unblock)(const ReorderArgs&, std::int64_t first, std::int64_t last);  // and back

  Probes probe;

  /// How activations lie between kernels: NCHW[width].
  constexpr Format blocked() const { return {Element::float32, width}; }
};

/// AVX-512's kernels are AMX's as well, but for these.
extern constinit const ConvKernel amx_digits_pointwise, amx_digits;

extern constinit const Table avx512;
extern constinit const Table avx2;
extern constinit const Table sse2;
extern constinit const Table neon64;

}  // namespace minnow::kernels
