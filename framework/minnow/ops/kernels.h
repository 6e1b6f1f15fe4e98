#pragma once

#include <minnow/kernels/table.h>

namespace minnow::kernels {

/// The kernels that the library uses: the best this machine can run, or those that the environment variable MINNOW_ISA
/// names ("amx", "avx512", "avx2", "sse2", "neon64"), read once. Throws Error for a name that is unknown or that this
/// machine cannot run.
const Table& table();

}  // namespace minnow::kernels
