#pragma once

/// Everything public. <minnow/core/xtensor.h>, which needs xtensor's headers, is included by those who want it.

#include <minnow/core/error.h>
#include <minnow/core/random.h>
#include <minnow/core/scope.h>
#include <minnow/core/shape.h>
#include <minnow/core/tensor.h>
#include <minnow/core/threads.h>
#include <minnow/ops/argmax.h>
#include <minnow/ops/binary.h>
#include <minnow/ops/cat.h>
#include <minnow/ops/clone.h>
#include <minnow/ops/compare.h>
#include <minnow/ops/conv2d.h>
#include <minnow/ops/custom.h>
#include <minnow/ops/dims.h>
#include <minnow/ops/expand.h>
#include <minnow/ops/index_select.h>
#include <minnow/ops/op.h>
#include <minnow/ops/options.h>
#include <minnow/ops/pad.h>
#include <minnow/ops/permute.h>
#include <minnow/ops/reduce.h>
#include <minnow/ops/slice.h>
#include <minnow/ops/to.h>
#include <minnow/ops/topk.h>
#include <minnow/ops/unary.h>
#include <minnow/ops/view.h>
#include <minnow/ops/where.h>
