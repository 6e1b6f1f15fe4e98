#include <algorithm>
#include <iomanip>
#include <ostream>
#include <sstream>

#include <minnow/core/error.h>
#include <minnow/ops/kernels.h>
#include <minnow/plan/plan.h>

namespace minnow {
namespace {

void write_steps(std::ostream& out, const std::vector<StepInfo>& steps, int path) {
  std::size_t widest_algorithm = 9, widest_format = 7;
  for (const StepInfo& step : steps) {
    widest_algorithm = std::max(widest_algorithm, step.algorithm.size());
    widest_format = std::max(widest_format, step.format.size());
  }
  const int algorithm = static_cast<int>(widest_algorithm) + 2, format = static_cast<int>(widest_format) + 2;
  out << std::left << std::setw(path) << "path" << std::setw(algorithm) << "algorithm" << std::setw(20) << "output"
      << std::setw(format) << "format" << std::right << std::setw(10) << "offset"
      << "  op\n";
  for (const StepInfo& step : steps) {
    out << std::left << std::setw(path) << step.path << std::setw(algorithm) << step.algorithm << std::setw(20)
        << str(step.output) << std::setw(format) << step.format << std::right << std::setw(10) << step.offset << "  "
        << step.op << '\n';
  }
}

void write_measured(std::ostream& out, const std::vector<StepInfo>& steps, int path) {
  if (std::ranges::all_of(steps, [](const StepInfo& step) { return step.measured.empty(); })) return;
  out << "measured, in milliseconds on one thread (PlanOptions::algorithms keeps a choice for other runs):\n"
      << std::fixed << std::setprecision(3);
  for (const StepInfo& step : steps) {
    if (step.measured.empty()) continue;
    out << std::left << std::setw(path) << step.path;
    for (const Measured& one : step.measured) {
      out << (&one == &step.measured.front() ? "" : ", ") << one.algorithm << ' ' << one.seconds * 1e3;
    }
    out << '\n';
  }
}

}  // namespace

std::string Plan::describe() const {
  std::size_t widest = 4;
  for (const StepInfo& step : infos_) widest = std::max(widest, step.path.size());
  const int path = static_cast<int>(widest) + 2;
  std::ostringstream out;
  write_steps(out, infos_, path);
  write_measured(out, infos_, path);
  out << "arena: " << arena_bytes() << " bytes\n"
      << "instruction set: " << kernels::table().name << " (pin with MINNOW_ISA)\n";
  return std::move(out).str();
}

std::ostream& operator<<(std::ostream& out, const Plan& plan) { return out << plan.describe(); }

}  // namespace minnow
