#pragma once

#include <gtest/gtest.h>
#include <minnow/kernels/core.h>
#include <minnow/kernels/dispatch.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <ostream>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include "numbers.h"
#include "walled.h"

namespace minnow::kernels {

using test::kInf, test::kNaN;

/// A fixture whose tests run once for each instruction set of this machine; end the file with
/// MINNOW_ON_EVERY_ISA(Name).
class IsaTest : public testing::TestWithParam<const Table*> {
 protected:
  const Table& table() const { return *GetParam(); }
};

inline void PrintTo(const Table* table, std::ostream* out) { *out << table->name; }

inline std::string isa_name(const testing::TestParamInfo<const Table*>& info) { return info.param->name; }

#define MINNOW_ON_EVERY_ISA(suite) \
  INSTANTIATE_TEST_SUITE_P(, suite, testing::ValuesIn(runnable().begin(), runnable().end()), isa_name)

/// A fixture whose tests run once for each instruction set and each kind of core, whose tiles differ; end the file with
/// MINNOW_ON_EVERY_CORE(Name).
class CoreTest : public testing::TestWithParam<std::tuple<const Table*, Core>> {
 protected:
  CoreTest() { assume_core(std::get<Core>(GetParam())); }
  ~CoreTest() override { assume_core(own_); }
  const Table& table() const { return *std::get<const Table*>(GetParam()); }

 private:
  Core own_ = core();
};

inline std::vector<Core> cores() {
#if defined(__x86_64__)
  return {Core::other, Core::zen3_or_4, Core::zen5};
#else
  return {Core::other};
#endif
}

inline const char* name(Core core) {
  const char* const names[] = {"other", "zen3_or_4", "zen5"};
  return names[static_cast<int>(core)];
}

inline void PrintTo(Core core, std::ostream* out) { *out << name(core); }

inline std::string core_name(const testing::TestParamInfo<std::tuple<const Table*, Core>>& info) {
  const auto& [table, core] = info.param;
  return std::string(table->name) + "_" + name(core);
}

#define MINNOW_ON_CORES(suite, cores)                                                                               \
  INSTANTIATE_TEST_SUITE_P(                                                                                         \
      , suite, testing::Combine(testing::ValuesIn(runnable().begin(), runnable().end()), testing::ValuesIn(cores)), \
      core_name)
#define MINNOW_ON_EVERY_CORE(suite) MINNOW_ON_CORES(suite, cores())

/// Floats at an address that is a multiple of 4 but of no larger power of two, with a guard on both sides: exactly the
/// space a kernel may touch. Reading more than two floats beyond their end crashes.
class Floats {
 public:
  explicit Floats(std::int64_t n, float value = 0)
      : size_(static_cast<std::size_t>(n)), memory_((size_ + kGuard + 2) * sizeof(float)) {
    at_ = reinterpret_cast<float*>(memory_.end()) - size_ - 1;
    while (reinterpret_cast<std::uintptr_t>(at_) % 8 != 4) --at_;
    std::fill(room_begin(), room_end(), kCanary);
    for (float& f : *this) f = value;
  }

  /// n values drawn evenly from [lo, hi).
  static Floats random(std::int64_t n, std::uint32_t seed, float lo = -1, float hi = 1) {
    Floats result(n);
    std::mt19937 engine(seed);
    std::uniform_real_distribution<float> draw(lo, hi);
    for (float& f : result) f = draw(engine);
    return result;
  }

  Floats(const Floats& other) : Floats(static_cast<std::int64_t>(other.size_)) {
    for (std::size_t i = 0; i < size_; ++i) data()[i] = other.data()[i];
  }
  Floats& operator=(const Floats&) = delete;

  float* data() { return at_; }
  const float* data() const { return at_; }
  float* begin() { return data(); }
  float* end() { return data() + size_; }
  std::size_t size() const { return size_; }
  float& operator[](std::int64_t i) { return data()[i]; }
  float operator[](std::int64_t i) const { return data()[i]; }

  /// Whether everything around the floats is as it was.
  bool intact() const {
    const auto is_canary = [](float f) { return f == kCanary; };
    return std::all_of(room_begin(), at_, is_canary) && std::all_of(at_ + size_, room_end(), is_canary);
  }

 private:
  static constexpr std::size_t kGuard = 32;
  static constexpr float kCanary = -12345.0f;

  float* room_begin() const { return reinterpret_cast<float*>(memory_.begin()); }
  float* room_end() const { return reinterpret_cast<float*>(memory_.end()); }

  std::size_t size_;
  test::Walled memory_;
  float* at_;
};

}  // namespace minnow::kernels
