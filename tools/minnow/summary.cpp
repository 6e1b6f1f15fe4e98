#include <iostream>
#include <memory>

#include <minnow/compile.h>
#include <minnow/nn/summary.h>

#include "commands.h"
#include "subject.h"

namespace minnow::tool {
namespace {

struct SummaryOptions {
  std::string subject, input, model;
  bool plan = false, tune = false;
};

void summarize(const SummaryOptions& options) {
  auto [model, input] = find_subject(options.subject, options.model, options.input);
  if (options.plan) {
    std::cout << compile(std::move(model), {.tune = options.tune}).describe(input);
  } else {
    std::cout << nn::summary(model, input);
  }
}

}  // namespace

void add_summary(CLI::App& program) {
  CLI::App* command = program.add_subcommand("summary", "Show a model's layers and what they cost");
  const auto options = std::make_shared<SummaryOptions>();
  command->add_option("MODEL|FILE", options->subject, "A model (minnow list) or a file of weights")->required();
  command
      ->add_option("--input", options->input,
                   "Channels, height and width of the input, or a batch in front: 3x224x224, 8x3x224x224")
      ->check(check_input);
  command->add_option("--model", options->model, "The model, for weights that do not name it (minnow list)");
  CLI::Option* plan = command->add_flag("--plan", options->plan, "Show the steps that the model is compiled into");
  command->add_flag("--tune", options->tune, "Measure the algorithms for each convolution, and show the times")
      ->needs(plan);
  command->callback([options] { summarize(*options); });
}

}  // namespace minnow::tool
