#include <minnow/kernels/table.inl.h>

constinit const minnow::kernels::Table minnow::kernels::sse2 = table_of<xsimd::sse2>("sse2");
