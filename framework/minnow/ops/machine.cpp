#include <algorithm>
#include <chrono>

#include <minnow/ops/kernels.h>
#include <minnow/ops/machine.h>

namespace minnow {

const char* instruction_set() { return kernels::table().name; }

double measure_peak() {
  double best = 0;
  for (int turn = 0; turn < 5; ++turn) {
    const auto start = std::chrono::steady_clock::now();
    const auto operations = static_cast<double>(kernels::table().probe.multiply_add(1 << 20));
    best = std::max(best, operations / std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  return best;
}

}  // namespace minnow
