#pragma once

/// Everything public. <minnow/core/xtensor.h>, which needs xtensor's headers, is included by those who want it.

#include <minnow/core/error.h>
#include <minnow/core/random.h>
#include <minnow/core/scope.h>
#include <minnow/core/shape.h>
#include <minnow/core/tensor.h>
#include <minnow/core/threads.h>
#include <minnow/ops/op.h>
#include <minnow/ops/options.h>
