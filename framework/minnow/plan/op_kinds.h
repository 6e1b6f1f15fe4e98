#pragma once

#include <minnow/ops/adaptive_avg_pool2d.h>
#include <minnow/ops/adaptive_max_pool2d.h>
#include <minnow/ops/avg_pool2d.h>
#include <minnow/ops/binary.h>
#include <minnow/ops/max_pool2d.h>
#include <minnow/ops/unary.h>
#include <minnow/ops/where.h>

namespace minnow {

// What a plan may do with an op besides evaluating it on plain arrays of the whole batch, which is right for any.

/// Whether the op is of one of these classes.
template <class... Ops>
bool is_any(const Op& op) {
  return (dynamic_cast<const Ops*>(&op) || ...);
}

/// Whether an element of the output depends on the elements at its place alone: then the op runs on blocked arrays as
/// they are, and on any number of images.
inline bool is_elementwise(const Op& op) { return is_any<UnaryOp, BinaryScalarOp, BinaryOp, WhereOp>(op); }

/// Whether a plane of the output depends on that plane of the input alone, and plan/steps/pool.cpp has a step for it
/// on blocked arrays.
inline bool is_pool(const Op& op) {
  return is_any<MaxPool2dOp, AvgPool2dOp, AdaptiveAvgPool2dOp, AdaptiveMaxPool2dOp>(op);
}

}  // namespace minnow
