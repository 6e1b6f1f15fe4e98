#include <minnow/kernels/table.inl.h>

constinit const minnow::kernels::Table minnow::kernels::avx2 = table_of<xsimd::fma3<xsimd::avx2>>("avx2");
