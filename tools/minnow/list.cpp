#include <cstdio>
#include <string>

#include <minnow/nn/summary.h>
#include <minnow/zoo/zoo.h>

#include "commands.h"

namespace minnow::tool {
namespace {

void list() {
  std::printf("%-18s %12s %9s %7s  %s\n", "model", "parameters", "GMACs", "input", "classes");
  for (const zoo::ModelEntry& entry : zoo::list()) {
    const zoo::Dataset& dataset = entry.dataset();
    const std::int64_t side = entry.preset.crop;
    const nn::Summary summary = nn::summary(zoo::create(entry.name), {1, 3, side, side});
    std::printf("%-18s %12lld %9.3f %7lld  %zu (%s)\n", std::string(entry.name).c_str(),
                static_cast<long long>(summary.parameters), static_cast<double>(summary.multiply_adds) * 1e-9,
                static_cast<long long>(side), dataset.labels.size(), std::string(dataset.name).c_str());
  }
}

}  // namespace

void add_list(CLI::App& program) {
  program.add_subcommand("list", "List the models, with parameters and multiply-adds for their usual input")
      ->callback(list);
}

}  // namespace minnow::tool
