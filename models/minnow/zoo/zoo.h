#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include <minnow/core/export.h>
#include <minnow/io/preprocess.h>
#include <minnow/nn/module.h>
#include <minnow/zoo/classifier.h>
#include <minnow/zoo/dataset.h>
#include <minnow/zoo/options.h>

namespace minnow::zoo {

/// A line of the table of models.
struct ModelEntry {
  std::string_view name;                        // "resnet50"
  nn::AnyModule (*build)(const ModelOptions&);  // in training mode, as every new module
  const Dataset& (*dataset)();                  // what its published weights were trained on
  Preset preset;                                // how a picture becomes its input
  std::string_view head = "fc";                 // the path of its last layer, which has an output for each class
  std::int64_t smallest = 1;                    // the side of the smallest picture that its layers leave pixels of
};

/// The table: every model there is.
MINNOW_API std::span<const ModelEntry> list();

/// The entry called `name`. Throws where there is none, with the nearest names.
MINNOW_API const ModelEntry& find(std::string_view name);

/// The model called `name`, in eval mode. Its parameters are drawn on first use unless they are loaded before. Throws
/// where there is no such model, with the nearest names, and where an option makes no sense.
MINNOW_API nn::AnyModule create(std::string_view name, const ModelOptions& options = {});

}  // namespace minnow::zoo
