#include <algorithm>
#include <chrono>
#include <limits>

#include <minnow/plan/memory.h>
#include <minnow/plan/tune.h>

namespace minnow {
namespace {

std::int64_t activation_bytes(std::int64_t batch, std::int64_t channels, std::int64_t pixels, kernels::Format format) {
  const std::int64_t blocks = (channels + format.block - 1) / format.block;
  const std::int64_t element = format.element == kernels::Element::bfloat16 ? 2 : 4;
  return batch * blocks * pixels * format.block * element;
}

// The best of a few runs, in seconds. All values are zero, which takes as long as any.
double time_of(const kernels::ConvKernel& kernel, const kernels::ConvShape& s) {
  constexpr int runs = 4;  // the first one warms the caches
  const auto x = allocate_pages(activation_bytes(s.batch, s.in_channels, s.in_h * s.in_w, kernel.in));
  const auto y = allocate_pages(activation_bytes(s.batch, s.out_channels, s.out_h * s.out_w, kernel.out));
  const auto packed = allocate_pages(kernel.packed_bytes(s)), scratch = allocate_pages(kernel.scratch_bytes(s));
  kernels::ConvArgs args;
  args.x = x.get();
  args.packed = packed.get();
  args.y = y.get();
  args.scratch = scratch.get();
  double best = std::numeric_limits<double>::infinity();
  for (int run = 0; run < runs; ++run) {
    const auto start = std::chrono::steady_clock::now();
    kernel.run(s, args, 0, kernel.units(s));
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  return best;
}

}  // namespace

const kernels::ConvKernel* fastest(const std::vector<ConvChoice>& choices, const kernels::ConvShape& shape) {
  const kernels::ConvKernel* best = choices.front().kernel;
  double least = std::numeric_limits<double>::infinity();
  for (const ConvChoice& choice : choices) {
    const double seconds = choices.size() > 1 ? time_of(*choice.kernel, shape) : 0.0;
    if (seconds < least) {
      least = seconds;
      best = choice.kernel;
    }
  }
  return best;
}

}  // namespace minnow
