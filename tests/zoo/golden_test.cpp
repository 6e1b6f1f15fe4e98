#include <gtest/gtest.h>

#include <cmath>

#include <minnow/ops/strided.h>
#include <minnow/zoo/zoo.h>

#include "support.h"

namespace minnow::zoo {
namespace {

// The numbers of tests/golden/make_models.py: in [-1, 1), from a hash of their index and the stream.
std::vector<double> uniform(std::int64_t count, std::uint64_t stream) {
  std::vector<double> result;
  for (std::int64_t i = 1; i <= count; ++i) {
    std::uint64_t h = static_cast<std::uint64_t>(i) * 0x9E3779B97F4A7C15u + (stream + 1) * 0xBF58476D1CE4E5B9u;
    h ^= h >> 31;
    h *= 0x94D049BB133111EBu;
    h ^= h >> 29;
    result.push_back(static_cast<double>(h >> 40) / (1 << 23) - 1);
  }
  return result;
}

Tensor value(const std::string& name, const Shape& shape, std::uint64_t stream) {
  const std::vector<double> u = uniform(shape.numel(), stream);
  Tensor result = empty(shape);
  const auto fill = [&](double offset, double factor) {
    for (std::size_t i = 0; i < u.size(); ++i) result.span()[i] = static_cast<float>(offset + u[i] * factor);
  };
  if (shape.rank() > 1) {
    fill(0, std::sqrt(3.0 / static_cast<double>(shape.numel() / shape[0])));
  } else if (name.ends_with("running_var")) {
    fill(1, 0.5);
  } else if (name.ends_with("running_mean") || name.ends_with("bias")) {
    fill(0, 0.125);
  } else {
    fill(0.75, 0.25);
  }
  return result;
}

TEST(Golden, LogitsAreTorchvisions) {
  const auto golden = test::golden("models.json");
  const Shape shape = test::shape_of(golden.at("input"));
  const std::vector<double> u = uniform(shape.numel(), 1'000'000);
  Tensor x = empty(shape);
  for (std::size_t i = 0; i < u.size(); ++i) x.span()[i] = static_cast<float>(2 * u[i]);
  for (const auto& [name, logits] : golden.at("logits").items()) {
    const nn::AnyModule model = create(name);
    std::uint64_t stream = 0;
    for (const nn::NamedParameter& entry : model->state_dict()) {
      const Shape& expected = entry.parameter.shape();
      if (expected.rank() > 0) entry.parameter.assign(value(entry.name, expected, stream));
      ++stream;
    }
    const Tensor expected = test::tensor_of(logits);
    EXPECT_TENSOR_NEAR(model(x).slice(1, 0, expected.dim(1)), expected, 1e-4) << name;
  }
}

}  // namespace
}  // namespace minnow::zoo
