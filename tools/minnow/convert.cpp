#include <filesystem>
#include <memory>

#include <minnow/core/error.h>
#include <minnow/io/preprocess.h>
#include <minnow/io/tensors.h>
#include <minnow/zoo/zoo.h>

#include "commands.h"

namespace minnow::tool {
namespace {

struct ConvertOptions {
  std::string in, out, model;
  bool lists = false;
};

// Writes down what the file is for, after checking that it fits.
void describe(WeightsFile& file, const std::string& model) {
  const zoo::Classifier classifier = zoo::open(file, {.model = model});
  file.model = classifier.name;
  file.options["num_classes"] = static_cast<double>(classifier.labels.size());
  file.preset = classifier.preset;
  file.labels = classifier.labels;
}

void convert(const ConvertOptions& options) {
  WeightsFormat format = format_of(options.out);
  if (options.lists && format != WeightsFormat::minnow) fail(options.out, ": --lists writes JSON");
  if (options.lists) format = WeightsFormat::lists;
  WeightsFile file = read_weights(std::filesystem::path(options.in));
  try {
    if (!options.model.empty()) describe(file, options.model);
    if (file.preset) check_preset(*file.preset);
  } catch (const Error& error) {
    fail(options.in, ": ", error.what());
  }
  write_weights(file, options.out, format);
}

}  // namespace

void add_convert(CLI::App& program) {
  CLI::App* command = program.add_subcommand("convert", "Write a file of weights in another format");
  const auto options = std::make_shared<ConvertOptions>();
  command->add_option("IN", options->in, "Weights in any format that Minnow reads")->required();
  command->add_option("OUT", options->out, "A name that ends in .json (Minnow's format) or .safetensors")->required();
  command->add_option("--model", options->model, "Also write down which model this is, its preset and its labels");
  command->add_flag("--lists", options->lists, "Write plain JSON: names and nested lists of numbers, nothing else");
  command->callback([options] { convert(*options); });
}

}  // namespace minnow::tool
