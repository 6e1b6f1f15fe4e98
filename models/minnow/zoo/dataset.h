#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <minnow/core/export.h>
#include <minnow/io/preprocess.h>

namespace minnow::zoo {

/// What models were trained on: its classes, and how its pictures become their input.
struct Dataset {
  std::string_view name;
  Preset preset;
  std::vector<std::string> labels;  // in the order of the model's outputs
};

/// ImageNet-1k of the ILSVRC 2012, 1,000 classes, labelled as in torchvision.
MINNOW_API const Dataset& imagenet_1k();

/// CIFAR-10 (Krizhevsky 2009), 10 classes, 32 x 32 pixels.
MINNOW_API const Dataset& cifar10();

}  // namespace minnow::zoo
