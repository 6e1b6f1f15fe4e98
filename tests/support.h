#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <functional>
#include <initializer_list>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include <minnow/core/error.h>
#include <minnow/core/tensor.h>

#include "numbers.h"

/// Equal shape, dtype and bits; any NaN equals any other. -0.0 and 0.0 differ.
#define EXPECT_TENSOR_EQ(actual, expected) EXPECT_TRUE(minnow::test::same(actual, expected))

/// Equal shape and dtype, and per element |actual - expected| <= tolerance * max(|expected|, mean of |expected|).
/// NaN and infinities must agree exactly.
#define EXPECT_TENSOR_NEAR(actual, expected, tolerance) EXPECT_TRUE(minnow::test::near(actual, expected, tolerance))

namespace minnow::test {

/// The JSON file tests/golden/`file`.
nlohmann::json golden(const std::string& file);

Shape shape_of(const nlohmann::json& dims);

/// A number, or one of the strings "nan", "inf", "-inf", which JSON has no numbers for.
float float_of(const nlohmann::json& value);

/// The tensor that make_*.py wrote as {"shape": [...], "data": [flat]}, "dtype": "int64" if it is not float32; or as
/// plain nested lists of floats.
Tensor tensor_of(const nlohmann::json& json);

testing::AssertionResult same(const Tensor& actual, const Tensor& expected);
testing::AssertionResult near(const Tensor& actual, const Tensor& expected, double tolerance);

/// Expects that `function` throws minnow::Error with `substring` in its message.
void expect_error(const std::function<void()>& function, const std::string& substring);

}  // namespace minnow::test
