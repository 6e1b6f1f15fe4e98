#include "support.h"

#include <cmath>
#include <cstring>
#include <fstream>
#include <stdexcept>

namespace minnow::test {
namespace {

testing::AssertionResult same_spec(const Tensor& actual, const Tensor& expected) {
  if (!actual.defined() || !expected.defined()) return testing::AssertionFailure() << "an undefined tensor";
  if (actual.shape() == expected.shape() && actual.dtype() == expected.dtype()) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "got " << actual.dtype() << ' ' << actual.shape() << ", expected "
                                     << expected.dtype() << ' ' << expected.shape();
}

}  // namespace

nlohmann::json golden(const std::string& file) {
  std::ifstream in(MINNOW_TEST_DIR "/golden/" + file);
  if (!in) throw std::runtime_error("no golden file " + file);
  return nlohmann::json::parse(in);
}

Shape shape_of(const nlohmann::json& dims) { return Shape(dims.get<std::vector<std::int64_t>>()); }

float float_of(const nlohmann::json& value) {
  return value.is_string() ? std::stof(value.get<std::string>()) : static_cast<float>(value.get<double>());
}

Tensor tensor_of(const nlohmann::json& json) {
  if (json.is_object()) {
    const Shape shape = shape_of(json.at("shape"));
    if (json.value("dtype", "float32") == "int64") {
      return tensor(std::span<const std::int64_t>(json.at("data").get<std::vector<std::int64_t>>()), shape);
    }
    std::vector<float> values;
    for (const nlohmann::json& value : json.at("data")) values.push_back(float_of(value));
    return tensor(std::span<const float>(values), shape);
  }
  Shape shape;
  std::vector<nlohmann::json> level = {json};
  while (!level.empty() && level.front().is_array()) {
    shape.push_back(static_cast<std::int64_t>(level.front().size()));
    std::vector<nlohmann::json> next;
    for (const nlohmann::json& list : level) next.insert(next.end(), list.begin(), list.end());
    level = std::move(next);
  }
  std::vector<float> values;
  for (const nlohmann::json& value : level) values.push_back(float_of(value));
  return tensor(std::span<const float>(values), shape);
}

testing::AssertionResult same(const Tensor& actual, const Tensor& expected) {
  if (auto result = same_spec(actual, expected); !result) return result;
  for (std::int64_t i = 0; i < actual.numel(); ++i) {
    if (actual.dtype() == DType::int64) {
      const std::int64_t a = actual.data<std::int64_t>()[i], e = expected.data<std::int64_t>()[i];
      if (a != e) return testing::AssertionFailure() << "element " << i << ": got " << a << ", expected " << e;
    } else {
      const float a = actual.data()[i], e = expected.data()[i];
      if (std::memcmp(&a, &e, sizeof a) != 0 && !(std::isnan(a) && std::isnan(e))) {
        return testing::AssertionFailure() << std::hexfloat << "element " << i << ": got " << a << ", expected " << e;
      }
    }
  }
  return testing::AssertionSuccess();
}

testing::AssertionResult near(const Tensor& actual, const Tensor& expected, double tolerance) {
  if (auto result = same_spec(actual, expected); !result) return result;
  double sum = 0;
  std::int64_t finite = 0;
  for (const float e : expected.span()) {
    if (std::isfinite(e)) sum += std::abs(static_cast<double>(e)), ++finite;
  }
  const double mean = finite ? sum / static_cast<double>(finite) : 0;
  for (std::int64_t i = 0; i < actual.numel(); ++i) {
    const double a = actual.data()[i], e = expected.data()[i];
    if (a == e || (std::isnan(a) && std::isnan(e))) continue;
    if (std::isfinite(e) && std::abs(a - e) <= tolerance * std::max(std::abs(e), mean)) continue;
    return testing::AssertionFailure() << "element " << i << ": got " << a << ", expected " << e << ", tolerance "
                                       << tolerance << " of the larger of that and the mean " << mean;
  }
  return testing::AssertionSuccess();
}

void expect_error(const std::function<void()>& function, const std::string& substring) {
  try {
    function();
    ADD_FAILURE() << "expected an error with \"" << substring << "\", got none";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find(substring), std::string::npos)
        << "expected \"" << substring << "\" in \"" << error.what() << '"';
  }
}

}  // namespace minnow::test
