#pragma once

#include <minnow/kernels/conv_direct.inl.h>
#include <minnow/kernels/conv_kernel.inl.h>
#include <minnow/kernels/conv_lanes.inl.h>
#include <minnow/kernels/conv_narrow.inl.h>
#include <minnow/kernels/conv_pairs.inl.h>
#include <minnow/kernels/conv_strassen.inl.h>
#include <minnow/kernels/conv_winograd.inl.h>
#include <minnow/kernels/conv_winograd_groups.inl.h>
#include <minnow/kernels/conv_winograd_rows.inl.h>

namespace minnow::kernels {
namespace {

/// A convolution that only many registers make worth having.
template <class A, class Conv>
constexpr ConvKernel with_many_registers(const char* name, Format in, Format out) {
  if constexpr (kRegisters<A> == 32) return conv_kernel<Conv>(name, in, out, false);
  return conv_kernel<NoConv>(name, in, out, false);
}

/// The kernel of every algorithm.
template <class A>
constexpr ConvKernels conv_kernels() {
  using enum ConvAlgorithm;
  constexpr Format nchw{Element::float32, 1}, blocked{Element::float32, kWidth<A>};
  ConvKernels all{};
  all[winograd4] = conv_kernel<WinogradConv<A, 6, 3, 1, kWidth<A>, false>>("winograd4", blocked, blocked, false);
  all[winograd4_pairs] =
      with_many_registers<A, WinogradConv<A, 6, 3, 1, kWidth<A>, true>>("winograd4 pairs", blocked, blocked);
  all[winograd4_grouped] = conv_kernel<GroupedWinogradConv<A>>("winograd4 grouped", blocked, blocked, false);
  all[winograd2] = conv_kernel<WinogradConv<A, 4, 3, 1, kWidth<A>, false>>("winograd2", blocked, blocked, false);
  all[winograd1x2] = conv_kernel<WinogradRowConv<A>>("winograd1x2", blocked, blocked, false);
  all[winograd3_stride2] =
      conv_kernel<WinogradConv<A, 4, 2, 2, kWidth<A>, false>>("winograd3/2", blocked, blocked, false);
  all[winograd3_stride2_plain] =
      conv_kernel<WinogradConv<A, 6, 4, 2, 1, false>>("winograd3/2 plain", nchw, blocked, false);
  all[strassen] = conv_kernel<StrassenConv<A>>("strassen", blocked, blocked, false);
  all[pairs] = with_many_registers<A, PairConv<A>>("pairs", blocked, blocked);
  all[digits_pointwise] = conv_kernel<NoConv>("digits 1x1", blocked, blocked);  // but see isa/amx.cpp
  all[digits] = conv_kernel<NoConv>("digits", blocked, blocked);
  all[direct] = conv_kernel<DirectConv<A, kWidth<A>>>("direct", blocked, blocked);
  all[plain] = conv_kernel<DirectConv<A, 1>>("plain", nchw, blocked);
  all[depthwise] = conv_kernel<NarrowConv<A, false>>("depthwise", blocked, blocked);
  all[grouped] = conv_kernel<NarrowConv<A, true>>("grouped", blocked, blocked);
  all[lanes] = conv_kernel<LaneConv<A>>("lanes", blocked, blocked);
  return all;
}

}  // namespace
}  // namespace minnow::kernels
