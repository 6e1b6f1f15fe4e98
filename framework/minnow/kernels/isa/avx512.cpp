#include <minnow/kernels/table.inl.h>

constinit const minnow::kernels::Table minnow::kernels::avx512 = table_of<xsimd::avx512bw>("avx512");
