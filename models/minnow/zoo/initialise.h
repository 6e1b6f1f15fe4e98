#pragma once

#include <minnow/core/export.h>
#include <minnow/nn/module.h>

namespace minnow::zoo {

/// Lets every convolution of `model` draw its weights as the ResNets do: normal, mean 0, variance 2 / fan-out (He et
/// al. 2015, https://arxiv.org/abs/1502.01852). Draws nothing itself.
MINNOW_API void kaiming_normal(const nn::Module& model);

}  // namespace minnow::zoo
