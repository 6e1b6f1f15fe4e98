#pragma once

#include <minnow/kernels/conv.h>
#include <minnow/kernels/simd.h>

namespace minnow::kernels {
namespace {

/// The table's entry of a convolution `Conv`: a class made from a shape. Its constructor is not to be inlined into each
/// of these functions: that took 50 KB.
template <class Conv>
constexpr ConvKernel conv_kernel(const char* name, Format in, Format out, bool exact = true) {
  return {
      .name = name,
      .in = in,
      .out = out,
      .exact = exact,
      .applies = Conv::applies,
      .packed_bytes = [](const ConvShape& s) { return Conv(s).packed_floats() * Index{sizeof(float)}; },
      .pack_units = [](const ConvShape& s) { return Conv(s).pack_units(); },
      .pack = [](const ConvShape& s, const ConvWeights& weight, void* packed, Index first,
                 Index last) { Conv(s).pack(weight, static_cast<float*>(packed), first, last); },
      .scratch_bytes = [](const ConvShape& s) { return Conv(s).scratch_bytes(); },
      .units = [](const ConvShape& s) { return Conv(s).units(); },
      .run = [](const ConvShape& s, const ConvArgs& args, Index first, Index last) { Conv(s).run(args, first, last); },
      .by_rows =
          [](const ConvShape& s) {
            if constexpr (requires { Conv(s).by_rows(); }) return Conv(s).by_rows();
            return false;
          },
      .run_rows =
          [](const ConvShape& s, const ConvArgs& args, const ConvRows& rows) {
            if constexpr (requires { Conv(s).run_rows(args, rows); }) Conv(s).run_rows(args, rows);
          },
  };
}

/// What stands for a convolution that an instruction set does not have.
struct NoConv {
  explicit NoConv(const ConvShape&) {}
  static bool applies(const ConvShape&) { return false; }
  static Index packed_floats() { return 0; }
  static Index pack_units() { return 0; }
  static void pack(const ConvWeights&, float*, Index, Index) {}
  static Index scratch_bytes() { return 0; }
  static Index units() { return 0; }
  static void run(const ConvArgs&, Index, Index) {}
};

}  // namespace
}  // namespace minnow::kernels
