#include <charconv>
#include <filesystem>
#include <iostream>
#include <memory>

#include <minnow/core/error.h>
#include <minnow/nn/summary.h>
#include <minnow/zoo/zoo.h>

#include "commands.h"

namespace minnow::tool {
namespace {

struct Options {
  std::string subject, input, model;
};

// "3x224x224" -> [1, 3, 224, 224]; a fourth number in front is the size of the batch.
Shape parse_input(const std::string& text) {
  Shape shape;
  const char* next = text.data();
  const char* const end = next + text.size();
  bool valid = true;
  for (bool more = true; valid && more;) {
    std::int64_t size = 0;
    const auto [stop, error] = std::from_chars(next, end, size);
    more = stop != end;
    valid = error == std::errc() && size > 0 && shape.rank() < 4 && (!more || *stop == 'x');
    if (valid) shape.push_back(size);
    next = stop + (more ? 1 : 0);
  }
  if (!valid || shape.rank() < 3) {
    fail("--input: expected channels x height x width such as 3x224x224, got \"", text, '"');
  }
  if (shape.rank() == 3) shape.insert(0, 1);
  return shape;
}

// What a preset makes of a picture; 224 pixels where it leaves the size.
Shape input_of(const Preset& preset) {
  const std::int64_t side = preset.crop > 0 ? preset.crop : preset.resize > 0 ? preset.resize : 224;
  return {1, 3, side, side};
}

void run(const Options& options) {
  const auto print = [&](const nn::Module& model, const Preset& preset) {
    std::cout << nn::summary(model, options.input.empty() ? input_of(preset) : parse_input(options.input));
  };
  const std::filesystem::path path(options.subject);
  if (path.has_extension() || path.has_parent_path() || exists(path)) {
    const auto classifier = zoo::open(path, {.model = options.model});
    print(classifier.model, classifier.preset);
  } else {
    print(zoo::create(options.subject), zoo::find(options.subject).preset);
  }
}

}  // namespace

void add_summary(CLI::App& program) {
  CLI::App* command = program.add_subcommand("summary", "Show a model's layers and what they cost");
  const auto options = std::make_shared<Options>();
  command->add_option("MODEL|FILE", options->subject, "A model (minnow list) or a file of weights")->required();
  command->add_option("--input", options->input, "Channels, height and width of the input, such as 3x224x224");
  command->add_option("--model", options->model, "The model, for weights that do not name it (minnow list)");
  command->callback([options] { run(*options); });
}

}  // namespace minnow::tool
