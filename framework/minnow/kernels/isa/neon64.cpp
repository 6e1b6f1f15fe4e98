#include <minnow/kernels/table.inl.h>

constinit const minnow::kernels::Table minnow::kernels::neon64 = table_of<xsimd::neon64>("neon64");
