#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include <minnow/kernels/dispatch.h>
#include <minnow/zoo/zoo.h>

namespace minnow::zoo {

/// The names of all models, for tests that run once for each.
inline std::vector<std::string> model_names() {
  std::vector<std::string> names;
  for (const ModelEntry& entry : list()) names.emplace_back(entry.name);
  return names;
}

/// Numbers in [-1, 1) with 24 bits each, those of tests/golden/make_models.py.
inline std::vector<float> uniform(std::int64_t count, std::uint32_t seed) {
  std::mt19937 engine(seed);
  std::vector<float> numbers;
  for (std::int64_t i = 0; i < count; ++i) numbers.push_back(static_cast<float>(engine() >> 8) * 0x1p-23f - 1);
  return numbers;
}

/// Gives every parameter the numbers that make_models.py gives it: as small a variance as after training, where batch
/// norm's epsilon counts, and nothing that folding could leave out. They are uniform numbers from a list that is
/// repeated, since drawing a hundred million takes longer than the tests.
inline void fill(const nn::Module& model) {
  constexpr std::int64_t count = 65'521;  // prime: no period of a layer's
  const std::vector<float> numbers = uniform(count, 1);
  std::int64_t at = 0;
  for (const nn::NamedParameter& entry : model.state_dict()) {
    const Shape& shape = entry.parameter.shape();
    if (shape.rank() == 0) continue;  // a counter
    const std::int64_t numel = shape.numel();
    float centre = 0, spread = 0;
    if (shape.rank() > 1) {  // a variance of 1/32 comes out where one of 1 comes in
      spread = static_cast<float>(std::sqrt(3.0 / 32 / static_cast<double>(numel / shape[0])));
    } else if (entry.name.ends_with("running_var")) {
      centre = 1.0f / 32, spread = 1.0f / 64;
    } else if (entry.name.ends_with("running_mean")) {
      spread = 1.0f / 32;
    } else if (entry.name.ends_with("bias")) {
      spread = 1.0f / 8;
    } else {
      centre = 3.0f / 4, spread = 1.0f / 4;
    }
    Tensor value = empty(shape);
    float* v = value.data();
    for (std::int64_t i = 0; i < std::min(numel, count); ++i) {
      v[i] = centre + spread * numbers[static_cast<std::size_t>((at + i) % count)];
    }
    for (std::int64_t i = count; i < numel; i += count) std::copy_n(v, std::min(numel - i, count), v + i);
    entry.parameter.assign(value);
    at += numel;
  }
}

/// The largest difference, as a part of the largest of the expected numbers. NaN if there is a NaN.
inline double error(const Tensor& actual, const Tensor& expected) {
  EXPECT_EQ(actual.shape(), expected.shape());
  double worst = 0, most = 0;
  for (std::int64_t i = 0; i < expected.numel(); ++i) {
    const double difference = std::abs(static_cast<double>(actual.data()[i]) - expected.data()[i]);
    if (difference > worst || std::isnan(difference)) worst = difference;
    most = std::max(most, std::abs(static_cast<double>(expected.data()[i])));
  }
  return worst / most;
}

/// Tests of the model that the parameter names. A process has one instruction set: tests/CMakeLists.txt runs the suites
/// called *Full once for each, under the label full.
class FilledModel : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    const char* isa = std::getenv("MINNOW_ISA");
    if (isa && !kernels::find(kernels::runnable(), isa)) GTEST_SKIP() << "this machine cannot run " << isa;
  }

  nn::AnyModule model() const {
    nn::AnyModule result = create(GetParam());
    fill(*result);
    return result;
  }
};

}  // namespace minnow::zoo
