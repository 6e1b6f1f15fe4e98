#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include <minnow/core/export.h>
#include <minnow/io/image.h>
#include <minnow/io/preprocess.h>
#include <minnow/io/tensors.h>
#include <minnow/nn/module.h>

namespace minnow::zoo {

struct Prediction {
  std::string label;
  float probability;
};

/// A model with what it takes to name what is in a picture.
struct MINNOW_API Classifier {
  std::string name;     // of the model: "resnet50"
  nn::AnyModule model;  // in eval mode
  Preset preset;
  std::vector<std::string> labels;

  /// The `count` most probable classes (or all, if there are fewer), the most probable first. Several threads may
  /// classify at once.
  std::vector<Prediction> classify(const Image& image, std::size_t count = 5) const;
  /// The same for a batch, in one pass.
  std::vector<std::vector<Prediction>> classify(std::span<const Image> images, std::size_t count = 5) const;

  /// The same of the model's output [N, classes], where the model was called in another way, as after
  /// `auto fast = compile(std::move(c.model))`. Keep the result while you loop over a picture's part of it:
  ///     const auto all = c.predictions(fast(preprocess(image, c.preset)));
  ///     for (const auto& [label, probability] : all[0]) ...
  std::vector<std::vector<Prediction>> predictions(const Tensor& logits, std::size_t count = 5) const;
};

struct OpenOptions {
  std::string model = {};  // for a file that does not name its model, as torchvision's
};

/// The classifier in a file of weights: creates the model that the file names, loads it, and takes preset and labels
/// from the file, or from the table of models where the file has none. Throws where something is missing or does not
/// fit.
MINNOW_API Classifier open(const std::filesystem::path& path, const OpenOptions& options = {});
/// The same for a file's bytes in memory, which need not outlive the call.
MINNOW_API Classifier open(std::span<const std::byte> bytes, const OpenOptions& options = {});
/// The same for what `read_weights` returned.
MINNOW_API Classifier open(WeightsFile weights, const OpenOptions& options = {});

}  // namespace minnow::zoo
