#include <algorithm>
#include <chrono>
#include <cstring>
#include <limits>
#include <numeric>

#include <minnow/core/random.h>
#include <minnow/plan/layout.h>
#include <minnow/plan/memory.h>
#include <minnow/plan/tune.h>

namespace minnow {
namespace {

// Memory larger than the caches: reading it leaves nothing else in them.
class CacheSweep {
 public:
  CacheSweep() : memory_(allocate_pages(bytes)) { std::memset(memory_.get(), 1, bytes); }

  void operator()() const {
    const auto* words = reinterpret_cast<const std::uint64_t*>(memory_.get());
    [[maybe_unused]] volatile const std::uint64_t sum =
        std::accumulate(words, words + bytes / sizeof(std::uint64_t), std::uint64_t{0});
  }

 private:
  static constexpr std::size_t bytes = 64u << 20;
  std::shared_ptr<std::byte> memory_;
};

// Memory full of random numbers: with zeros the clock may be higher than a model will find it.
std::shared_ptr<std::byte> noise_of(std::int64_t bytes) {
  auto memory = allocate_pages(bytes);
  auto* values = reinterpret_cast<float*>(memory.get());
  fill_uniform({values, static_cast<std::size_t>(bytes) / sizeof(float)}, -1.0f, 1.0f, 0);
  return memory;
}

// The best of a few runs, in seconds, of a kernel that finds its weights in memory, as within a model: all weights of a
// model are read before the first are needed again.
double time_of(const kernels::ConvKernel& kernel, const kernels::ConvShape& s, const CacheSweep& sweep) {
  constexpr int runs = 4;
  const auto x = noise_of(bytes_of({s.batch, s.in_channels, s.in_h, s.in_w}, kernel.in));
  const auto y = noise_of(bytes_of({s.batch, s.out_channels, s.out_h, s.out_w}, kernel.out));
  const auto packed = noise_of(kernel.packed_bytes(s)), scratch = noise_of(kernel.scratch_bytes(s));
  kernels::ConvArgs args;
  args.x = x.get();
  args.packed = packed.get();
  args.y = y.get();
  args.scratch = scratch.get();
  double best = std::numeric_limits<double>::infinity();
  for (int run = 0; run < runs; ++run) {
    sweep();
    const auto start = std::chrono::steady_clock::now();
    kernel.run(s, args, 0, kernel.units(s));
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  return best;
}

}  // namespace

std::vector<Timing> measure(const std::vector<ConvChoice>& choices, const kernels::ConvShape& shape) {
  const CacheSweep sweep;
  std::vector<Timing> timings;
  for (const ConvChoice& choice : choices) timings.push_back({choice.kernel, time_of(*choice.kernel, shape, sweep)});
  std::ranges::stable_sort(timings, {}, &Timing::seconds);
  return timings;
}

}  // namespace minnow
