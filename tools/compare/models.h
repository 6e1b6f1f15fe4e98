#pragma once

#include <minnow/nn/module.h>
#include <string>

namespace minnow::bench {

/// A model of the zoo, or one of the two below that the zoo does not have: torchvision's layers, shapes and names,
/// composed for the comparison. In eval mode. Throws for other names.
nn::AnyModule create(const std::string& name);

/// https://arxiv.org/abs/1409.1556, configuration D
nn::AnyModule vgg16();
/// https://arxiv.org/abs/1801.04381
nn::AnyModule mobilenet_v2();

}  // namespace minnow::bench
