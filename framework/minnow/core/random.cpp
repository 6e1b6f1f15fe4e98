#include <atomic>
#include <cmath>
#include <numbers>
#include <random>

#include <minnow/core/random.h>

namespace minnow {
namespace {

std::atomic<std::uint64_t> seed_now = 0;
std::atomic<std::uint64_t> draws = 0;

// The steps of SplitMix64 (Steele, Lea, Flood 2014): neighbouring inputs give unrelated outputs.
std::uint64_t mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

// The standard fixes the engine's numbers but not the distributions', hence the conversion by hand.
class Uniform {
 public:
  explicit Uniform(std::uint64_t seed) : engine_(mix(seed)) {}
  /// One of the 2^24 evenly spaced floats in [0, 1).
  float operator()() { return static_cast<float>(engine_() >> 40) * 0x1p-24f; }

 private:
  std::mt19937_64 engine_;
};

}  // namespace

void manual_seed(std::uint64_t seed) {
  seed_now = seed;
  draws = 0;
}

std::uint64_t current_seed() { return seed_now; }

std::uint64_t next_seed() { return mix(seed_now) + ++draws; }

void fill_uniform(std::span<float> values, float low, float high, std::uint64_t seed) {
  Uniform uniform(seed);
  const float last = std::nextafter(high, low);
  for (float& value : values) {
    const float drawn = low + (high - low) * uniform();
    value = drawn == high ? last : drawn;  // to which it may have been rounded
  }
}

void fill_normal(std::span<float> values, float mean, float deviation, std::uint64_t seed) {
  Uniform uniform(seed);
  for (std::size_t i = 0; i < values.size(); i += 2) {  // Box and Muller 1958
    const float radius = std::sqrt(-2.0f * std::log(1.0f - uniform()));
    const float angle = 2.0f * std::numbers::pi_v<float> * uniform();
    values[i] = mean + deviation * radius * std::cos(angle);
    if (i + 1 < values.size()) values[i + 1] = mean + deviation * radius * std::sin(angle);
  }
}

}  // namespace minnow
