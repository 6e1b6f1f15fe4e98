#pragma once

#include <minnow/core/export.h>
#include <minnow/ops/binary.h>

namespace minnow {

/// Element by element, broadcasting; 1.0f where it holds, else 0.0f (torch gives bool, which tensors here do not hold;
/// so the mean of eq(argmax(logits, 1), labels) is the accuracy). Both float32 or both int64.
MINNOW_API Tensor eq(const Tensor& a, const Tensor& b);
MINNOW_API Tensor ne(const Tensor& a, const Tensor& b);
MINNOW_API Tensor lt(const Tensor& a, const Tensor& b);
MINNOW_API Tensor le(const Tensor& a, const Tensor& b);
MINNOW_API Tensor gt(const Tensor& a, const Tensor& b);
MINNOW_API Tensor ge(const Tensor& a, const Tensor& b);
/// With a number, which must be whole for an int64 tensor.
MINNOW_API Tensor eq(const Tensor& a, double b);
MINNOW_API Tensor ne(const Tensor& a, double b);
MINNOW_API Tensor lt(const Tensor& a, double b);
MINNOW_API Tensor le(const Tensor& a, double b);
MINNOW_API Tensor gt(const Tensor& a, double b);
MINNOW_API Tensor ge(const Tensor& a, double b);

/// Whether shape, dtype and every element are equal; NaN equals nothing, 0.0 equals -0.0, as in torch.equal. Reads the
/// values: throws for a symbolic tensor.
MINNOW_API bool equal(const Tensor& a, const Tensor& b);

/// Tolerances of allclose; the names and numbers are torch's.
struct AllcloseOptions {
  double rtol = 1e-5;
  double atol = 1e-8;
  bool equal_nan = false;
};

/// Whether |a - b| <= atol + rtol * |b| for every element, broadcasting; equal infinities are close. float32. Reads the
/// values: throws for a symbolic tensor. https://pytorch.org/docs/1.13/generated/torch.allclose.html
MINNOW_API bool allclose(const Tensor& a, const Tensor& b, const AllcloseOptions& options = {});

}  // namespace minnow
