#include <minnow/zoo/classifier.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include <minnow/core/error.h>
#include <minnow/io/stored.h>
#include <minnow/nn/serialize.h>
#include <minnow/ops/softmax.h>
#include <minnow/ops/topk.h>
#include <minnow/zoo/zoo.h>

namespace minnow::zoo {
namespace {

using minnow::detail::StoredTensor, minnow::detail::StoredWeights;

std::string model_name(const WeightsFile& weights, const std::string& asked) {
  if (weights.model.empty() && asked.empty())
    fail("the weights do not name their model: say which one it is (--model, OpenOptions::model)");
  if (!weights.model.empty() && !asked.empty() && weights.model != asked) {
    fail("the weights are for ", weights.model, ", not for ", asked);
  }
  return weights.model.empty() ? asked : weights.model;
}

// A file that does not say how many classes there are shows it in its last layer.
ModelOptions model_options(const WeightsFile& weights, const std::vector<StoredTensor>& tensors,
                           std::string_view head) {
  ModelOptions result;
  for (const auto& [name, value] : weights.options) {
    if (name != "num_classes") fail("the weights have an option that models do not know: \"", name, '"');
    if (!(value >= 1 && value <= 1e9) || value != std::floor(value))
      fail("the weights have the option num_classes ", value);
    result.num_classes = static_cast<std::int64_t>(value);
  }
  for (const std::string& name : {str(head, ".weight"), str("module.", head, ".weight")}) {
    const auto weight = std::find_if(tensors.begin(), tensors.end(), [&](const auto& t) { return t.name == name; });
    if (result.num_classes || weight == tensors.end()) continue;
    if (weight->shape.rank() >= 2 && weight->shape[0] > 0) result.num_classes = weight->shape[0];
  }
  return result;
}

std::vector<std::string> labels_of(std::vector<std::string> own, const Dataset& dataset, std::size_t classes) {
  if (!own.empty()) {
    if (own.size() != classes) fail("the weights have ", own.size(), " labels for ", classes, " classes");
    return own;
  }
  if (dataset.labels.size() == classes) return dataset.labels;
  std::vector<std::string> numbers;
  for (std::size_t i = 0; i < classes; ++i) numbers.push_back(str("class ", i));
  return numbers;
}

Classifier build(StoredWeights stored, const OpenOptions& options) {
  WeightsFile& weights = stored.about;
  const std::string name = model_name(weights, options.model);
  const ModelEntry& entry = find(name);
  const ModelOptions created = model_options(weights, stored.tensors, entry.head);
  const std::size_t classes =
      created.num_classes ? static_cast<std::size_t>(*created.num_classes) : entry.dataset().labels.size();
  Classifier result{name, create(name, created), weights.preset.value_or(entry.preset), {}};
  check_preset(result.preset);
  load(result.model, stored);  // shows whether there are so many classes, before each gets a label
  result.labels = labels_of(std::move(weights.labels), entry.dataset(), classes);
  return result;
}

Classifier open(StoredWeights stored, const OpenOptions& options) {
  const std::string source = std::exchange(stored.source, {});  // which is named here, whatever goes wrong
  return minnow::detail::errors_from(source, [&] { return build(std::move(stored), options); });
}

}  // namespace

std::vector<Prediction> Classifier::classify(const Image& image, std::size_t count) const {
  return classify(std::span(&image, 1), count).front();
}

std::vector<std::vector<Prediction>> Classifier::classify(std::span<const Image> images, std::size_t count) const {
  if (images.empty()) return {};
  return predictions(model(preprocess(images, preset)), count);
}

std::vector<std::vector<Prediction>> Classifier::predictions(const Tensor& logits, std::size_t count) const {
  const auto classes = static_cast<std::int64_t>(labels.size());
  if (logits.rank() != 2 || logits.dim(1) != classes) {
    fail("classify: expected the logits [N, ", classes, "] of ", classes, " labels, got ", logits.shape());
  }
  const auto [values, indices] = topk(softmax(logits, 1), static_cast<std::int64_t>(std::min(count, labels.size())));
  std::vector<std::vector<Prediction>> result(static_cast<std::size_t>(logits.dim(0)));
  for (std::int64_t n = 0; n < values.dim(0); ++n) {
    for (std::int64_t i = 0; i < values.dim(1); ++i) {
      const auto label = static_cast<std::size_t>(indices.at<std::int64_t>({n, i}));
      result[static_cast<std::size_t>(n)].push_back({labels[label], values.at({n, i})});
    }
  }
  return result;
}

Classifier open(WeightsFile weights, const OpenOptions& options) {
  return open(minnow::detail::stored(std::move(weights)), options);
}

Classifier open(std::span<const std::byte> bytes, const OpenOptions& options) {
  return open(minnow::detail::open_weights(bytes), options);
}

Classifier open(const std::filesystem::path& path, const OpenOptions& options) {
  return open(minnow::detail::open_weights(path), options);
}

}  // namespace minnow::zoo
