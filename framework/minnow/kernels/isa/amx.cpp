#include <minnow/kernels/conv_digits.inl.h>
#include <minnow/kernels/conv_digits_pointwise.inl.h>
#include <minnow/kernels/conv_kernel.inl.h>
#include <minnow/kernels/table.h>

namespace minnow::kernels {

constexpr Format kBlocked{Element::float32, 16};
constinit const ConvKernel amx_digits = conv_kernel<DigitConv<xsimd::avx512bw>>("digits", kBlocked, kBlocked, false);
constinit const ConvKernel amx_digits_pointwise =
    conv_kernel<DigitPointwise<xsimd::avx512bw>>("digits 1x1", kBlocked, kBlocked, false);

}  // namespace minnow::kernels
