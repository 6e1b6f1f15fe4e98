#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>

#include <minnow/compile.h>
#include <minnow/core/threads.h>
#include <minnow/ops/machine.h>

#include "../bench/median.h"
#include "commands.h"
#include "subject.h"

namespace minnow::tool {
namespace {

using bench::median;

struct BenchOptions {
  std::string subject, input, model;
  int threads = 0, runs = 30;
  bool per_step = false, exact = false, tune = false;
};

double seconds_of(const auto& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void print_steps(const Plan& plan, const std::vector<std::vector<double>>& times, double peak) {
  std::printf("%9s %9s %7s  %-17s %-20s %s\n", "ms", "GFLOP/s", "% peak", "algorithm", "output", "path");
  for (std::size_t i = 0; i < plan.steps().size(); ++i) {
    const StepInfo& step = plan.steps()[i];
    std::vector<double> own;
    for (const auto& run : times) own.push_back(run[i]);
    const double seconds = median(own), speed = 2.0 * static_cast<double>(step.multiply_adds) / seconds;
    const std::string where = step.path.empty() ? step.op : step.path;
    std::printf("%9.3f %9.1f %7.1f  %-17s %-20s %s\n", seconds * 1e3, speed * 1e-9, 100 * speed / peak,
                step.algorithm.c_str(), str(step.output).c_str(), where.c_str());
  }
}

void bench(const BenchOptions& options) {
  const int cores = num_threads();  // as long as nobody asks for more
  if (options.threads > 0) set_num_threads(options.threads);
  auto [model, shape] = find_subject(options.subject, options.model, options.input);
  const CompiledModel fast = compile(std::move(model), {.winograd = !options.exact, .tune = options.tune});
  const auto plan = fast.plan(shape);
  const Tensor x = rand(shape);
  std::vector<double> calls;
  std::vector<std::vector<double>> steps;
  for (int turn = -2; turn < options.runs; ++turn) {  // the first two warm up
    std::vector<double> own(plan->steps().size());
    const double seconds = seconds_of([&] { (void)plan->run({&x, 1}, own); });
    if (turn < 0) continue;
    calls.push_back(seconds);
    steps.push_back(std::move(own));
  }
  const double peak = measure_peak() * std::min(cores, num_threads());
  if (options.per_step) print_steps(*plan, steps, peak);
  std::printf("%s: %.3f ms, median of %d; %s, %d threads, FMA peak %.0f GFLOP/s\n", options.subject.c_str(),
              median(calls) * 1e3, options.runs, instruction_set(), num_threads(), peak * 1e-9);
}

}  // namespace

void add_bench(CLI::App& program) {
  CLI::App* command = program.add_subcommand("bench", "Time a compiled model");
  const auto options = std::make_shared<BenchOptions>();
  command->add_option("MODEL|FILE", options->subject, "A model (minnow list) or a file of weights")->required();
  command
      ->add_option("--input", options->input,
                   "Channels, height and width of the input, or a batch in front: 3x224x224, 8x3x224x224")
      ->check(check_input);
  command->add_option("--model", options->model, "The model, for weights that do not name it (minnow list)");
  command->add_option("--threads", options->threads, "How many threads to use; if not given, all there are")
      ->check(CLI::Range(1, max_threads));
  command->add_option("--runs", options->runs, "How many calls to time")
      ->capture_default_str()
      ->check(CLI::Range(1, 100'000));
  command->add_flag("--per-step", options->per_step, "Show each step's time, speed and share of the FMA peak");
  command->add_flag("--exact", options->exact, "Without Winograd's and Strassen's algorithms and products of digits");
  command->add_flag("--tune", options->tune, "Measure the algorithms for each convolution first, and take the fastest");
  command->callback([options] { bench(*options); });
}

}  // namespace minnow::tool
