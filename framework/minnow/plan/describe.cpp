#include <algorithm>
#include <array>
#include <iomanip>
#include <ostream>
#include <sstream>
#include <string>
#include <vector>

#include <minnow/core/error.h>
#include <minnow/kernels/dispatch.h>
#include <minnow/ops/kernels.h>
#include <minnow/plan/bands.h>
#include <minnow/plan/plan.h>

namespace minnow {
namespace {

// One row a step, each column as wide as it has to be.
void write_steps(std::ostream& out, const std::vector<StepInfo>& steps) {
  constexpr std::size_t columns = 6, numbers = 4;  // the offsets end below each other, the others begin so
  std::vector<std::array<std::string, columns>> rows{{"path", "algorithm", "output", "format", "offset", "op"}};
  for (const StepInfo& step : steps) {
    rows.push_back({step.path, step.algorithm, str(step.output), step.format, str(step.offset), step.op});
  }
  std::array<std::size_t, columns> widths{};
  for (const auto& row : rows) {
    for (std::size_t i = 0; i + 1 < columns; ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < columns; ++i) {
      out << (i == 0 ? "" : "  ") << (i == numbers ? std::right : std::left) << std::setw(static_cast<int>(widths[i]))
          << row[i];
    }
    out << '\n';
  }
}

void write_measured(std::ostream& out, const std::vector<StepInfo>& steps) {
  if (std::ranges::all_of(steps, [](const StepInfo& step) { return step.measured.empty(); })) return;
  std::size_t widest = 0;
  for (const StepInfo& step : steps) widest = std::max(widest, step.path.size());
  out << "measured, in milliseconds on one thread (PlanOptions::algorithms keeps a choice for other runs):\n"
      << std::fixed << std::setprecision(3);
  for (const StepInfo& step : steps) {
    if (step.measured.empty()) continue;
    out << std::left << std::setw(static_cast<int>(widest) + 2) << step.path;
    for (const Measured& one : step.measured) {
      out << (&one == &step.measured.front() ? "" : ", ") << one.algorithm << ' ' << one.seconds * 1e3;
    }
    out << '\n';
  }
}

}  // namespace

std::string Plan::describe() const {
  std::ostringstream out;
  write_steps(out, infos_);
  write_measured(out, infos_);
  if (images_ < batch_) {
    out << "batch: steps 1 to " << repeated_ << " take " << images_ << " of " << batch_ << " images at a time\n";
  }
  for (const Band& band : bands_) {
    out << "band: steps " << band.first + 1 << " to " << band.last << " compute some rows each in turn\n";
  }
  out << "arena: " << arena_bytes() << " bytes\n"
      << "instruction set: " << kernels::table().name << " (pin with MINNOW_ISA)\n"
      << "kind of core: " << kernels::name_of(kernels::core()) << ", which decides how sums are grouped and, unless\n"
      << "  they are pinned with PlanOptions::algorithms, the algorithms; its multiply-adds of vectors a cycle are "
      << kernels::multiply_adds_a_cycle(kernels::table())
      << (kernels::adds_beside_multiply_adds(kernels::table()) ? ", with additions beside them\n" : "\n");
  return std::move(out).str();
}

std::ostream& operator<<(std::ostream& out, const Plan& plan) { return out << plan.describe(); }

}  // namespace minnow
