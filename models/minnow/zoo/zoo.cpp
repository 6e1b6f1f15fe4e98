#include <minnow/zoo/zoo.h>

#include <minnow/core/error.h>
#include <minnow/core/nearest.h>
#include <minnow/zoo/cifar_resnet.h>
#include <minnow/zoo/resnet.h>

namespace minnow::zoo {
namespace {

template <auto model>
nn::AnyModule build(const ModelOptions& options) {
  return model(options);
}

const std::vector<ModelEntry>& table() {
  const Preset& cifar = cifar10().preset;
  static const std::vector<ModelEntry> entries = {
      {"resnet18", build<resnet18>, imagenet_1k, {}},
      {"resnet34", build<resnet34>, imagenet_1k, {}},
      {"resnet50", build<resnet50>, imagenet_1k, {}},
      {"resnet101", build<resnet101>, imagenet_1k, {}},
      {"resnet152", build<resnet152>, imagenet_1k, {}},
      {"resnext50_32x4d", build<resnext50_32x4d>, imagenet_1k, {}},
      {"resnext101_32x8d", build<resnext101_32x8d>, imagenet_1k, {}},
      {"resnext101_64x4d", build<resnext101_64x4d>, imagenet_1k, {.resize = 232}},
      {"wide_resnet50_2", build<wide_resnet50_2>, imagenet_1k, {}},
      {"wide_resnet101_2", build<wide_resnet101_2>, imagenet_1k, {}},
      {"resnet20", build<resnet20>, cifar10, cifar},
      {"resnet32", build<resnet32>, cifar10, cifar},
      {"resnet44", build<resnet44>, cifar10, cifar},
      {"resnet56", build<resnet56>, cifar10, cifar},
      {"resnet110", build<resnet110>, cifar10, cifar},
  };
  return entries;
}

[[noreturn]] void fail_unknown(std::string_view name) {
  std::vector<std::string> names;
  for (const ModelEntry& entry : table()) names.emplace_back(entry.name);
  std::string hint;
  for (const std::string& near : nearest_names(name, names)) hint += (hint.empty() ? "; nearest: " : ", ") + near;
  fail("zoo: there is no model \"", name, '"', hint);
}

}  // namespace

std::span<const ModelEntry> list() { return table(); }

const ModelEntry& find(std::string_view name) {
  for (const ModelEntry& entry : table()) {
    if (entry.name == name) return entry;
  }
  fail_unknown(name);
}

nn::AnyModule create(std::string_view name, const ModelOptions& options) {
  const ModelEntry& entry = find(name);
  if (options.num_classes && *options.num_classes < 1) {
    fail(name, ": num_classes must be at least 1, got ", *options.num_classes);
  }
  nn::AnyModule model = entry.build(options);
  model->eval();
  return model;
}

}  // namespace minnow::zoo
