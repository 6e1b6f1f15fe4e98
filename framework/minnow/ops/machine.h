#pragma once

#include <minnow/core/export.h>

namespace minnow {

/// The instruction set whose kernels are in use: "amx", "avx512", "avx2", "sse2" or "neon64". MINNOW_ISA chooses
/// another.
MINNOW_API const char* instruction_set();

/// The most floating-point operations a second that one core can do with it, measured now, in some milliseconds; a
/// fused multiply-add counts as two.
MINNOW_API double measure_peak();

}  // namespace minnow
