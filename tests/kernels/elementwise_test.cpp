#include <minnow/kernels/elementwise.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "kernels/isa.h"

namespace minnow::kernels {
namespace {

class Elementwise : public IsaTest {};

double reference(Binary op, double a, double b) {
  switch (op) {
    case Binary::add:
      return a + b;
    case Binary::sub:
      return a - b;
    case Binary::mul:
      return a * b;
    case Binary::div:
      return a / b;
    case Binary::max:
      return std::isnan(a) || a > b ? a : b;
    case Binary::min:
      return std::isnan(a) || a < b ? a : b;
  }
  return 0;
}

constexpr Binary kBinaries[] = {Binary::add, Binary::sub, Binary::mul, Binary::div, Binary::max, Binary::min};

TEST_P(Elementwise, BinaryKernelsAgreeWithDoublesForEveryKindOfOperand) {
  struct Kinds {
    Operand a, b;
  };
  for (Binary op : kBinaries) {
    for (const std::int64_t n : {0, 1, 3, 8, 17, 67, 130}) {
      for (const Kinds kinds : {Kinds{Operand::full, Operand::full}, Kinds{Operand::full, Operand::scalar},
                                Kinds{Operand::scalar, Operand::full}}) {
        const Floats a = Floats::random(kinds.a == Operand::full ? n : 1, 1);
        const Floats b = Floats::random(kinds.b == Operand::full ? n : 1, 2);
        Floats out(n);
        table().binary({op, a.data(), b.data(), out.data(), n, kinds.a, kinds.b});
        for (std::int64_t i = 0; i < n; ++i) {
          const double expected =
              reference(op, a[kinds.a == Operand::full ? i : 0], b[kinds.b == Operand::full ? i : 0]);
          ASSERT_EQ(out[i], static_cast<float>(expected)) << "op " << static_cast<int>(op) << " at " << i;
        }
        EXPECT_TRUE(out.intact());
      }
    }
  }
}

TEST_P(Elementwise, BinaryKernelsMayWriteOverAnOperand) {
  Floats a = Floats::random(21, 1), b = Floats::random(21, 2);
  Floats sum = a;
  table().binary({Binary::add, sum.data(), b.data(), sum.data(), 21});
  for (std::int64_t i = 0; i < 21; ++i) EXPECT_EQ(sum[i], a[i] + b[i]);
}

TEST_P(Elementwise, MaximumAndMinimumKeepNaNFromEitherSide) {
  for (Binary op : {Binary::max, Binary::min}) {
    Floats a(9, kNaN), b(9, 1.0f), out(9);
    table().binary({op, a.data(), b.data(), out.data(), 9});
    for (float f : out) EXPECT_TRUE(std::isnan(f));
    table().binary({op, b.data(), a.data(), out.data(), 9});
    for (float f : out) EXPECT_TRUE(std::isnan(f));
  }
}

struct UnaryCase {
  const char* name;
  Unary op;
  double (*f)(double);
  float lo, hi;
  double tolerance = 1e-6;  // relative to max(|result|, 1)
};

double clamped(double x, double lo, double hi) { return std::min(std::max(x, lo), hi); }
double softplus(double x) { return x * 0.25 > 0.75 ? x : std::log1p(std::exp(x * 0.25)) / 0.25; }
double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

// alpha = 0.25 and beta = 0.75 in all of them.
const UnaryCase kUnaries[] = {
    {"relu", Unary::relu, [](double x) { return std::max(x, 0.0); }, -5, 5, 0},
    {"leaky_relu", Unary::leaky_relu, [](double x) { return x > 0 ? x : x * 0.25; }, -5, 5, 0},
    {"elu", Unary::elu, [](double x) { return x > 0 ? x : 0.25 * std::expm1(x); }, -20, 5},
    {"clamp", Unary::clamp, [](double x) { return clamped(x, 0.25, 0.75); }, -2, 2, 0},
    {"neg", Unary::neg, [](double x) { return -x; }, -5, 5, 0},
    {"abs", Unary::abs, [](double x) { return std::abs(x); }, -5, 5, 0},
    {"square", Unary::square, [](double x) { return x * x; }, -5, 5},
    {"sqrt", Unary::sqrt, [](double x) { return std::sqrt(x); }, 0, 100},
    {"rsqrt", Unary::rsqrt, [](double x) { return 1 / std::sqrt(x); }, 1e-3f, 100},
    {"reciprocal", Unary::reciprocal, [](double x) { return 1 / x; }, 1e-3f, 100},
    {"exp", Unary::exp, [](double x) { return std::exp(x); }, -80, 80},
    {"log", Unary::log, [](double x) { return std::log(x); }, 1e-30f, 1e3f},
    {"log1p", Unary::log1p, [](double x) { return std::log1p(x); }, -0.999f, 1e3f},
    {"sign", Unary::sign, [](double x) { return static_cast<double>((x > 0) - (x < 0)); }, -5, 5, 0},
    {"tanh", Unary::tanh, [](double x) { return std::tanh(x); }, -20, 20},
    {"sigmoid", Unary::sigmoid, sigmoid, -80, 80},
    {"silu", Unary::silu, [](double x) { return x * sigmoid(x); }, -20, 20},
    {"gelu", Unary::gelu, [](double x) { return 0.5 * x * (1 + std::erf(x / std::sqrt(2.0))); }, -6, 6},
    {"erf", Unary::erf, [](double x) { return std::erf(x); }, -6, 6},
    {"softplus", Unary::softplus, softplus, -40, 40},
    {"hardsigmoid", Unary::hardsigmoid, [](double x) { return clamped(x + 3, 0, 6) / 6; }, -5, 5},
    {"hardswish", Unary::hardswish, [](double x) { return x * clamped(x + 3, 0, 6) / 6; }, -5, 5},
    {"floor", Unary::floor, [](double x) { return std::floor(x); }, -5, 5, 0},
    {"ceil", Unary::ceil, [](double x) { return std::ceil(x); }, -5, 5, 0},
    {"round", Unary::round, [](double x) { return std::nearbyint(x); }, -5, 5, 0},
};

TEST_P(Elementwise, UnaryKernelsAgreeWithTheDoubleFunctions) {
  for (const UnaryCase& test : kUnaries) {
    for (std::int64_t n : {0, 1, 3, 8, 17, 1003}) {
      const Floats x = Floats::random(n, 3, test.lo, test.hi);
      Floats out(n);
      table().unary({test.op, x.data(), out.data(), n, 0.25f, 0.75f});
      for (std::int64_t i = 0; i < n; ++i) {
        const double expected = test.f(x[i]);
        ASSERT_NEAR(out[i], expected, test.tolerance * std::max(1.0, std::abs(expected)))
            << test.name << "(" << x[i] << ")";
      }
      EXPECT_TRUE(out.intact()) << test.name;
    }
  }
}

TEST_P(Elementwise, EveryUnaryKernelKeepsNaNButSign) {
  for (const UnaryCase& test : kUnaries) {
    const Floats x(11, kNaN);
    Floats out(11);
    table().unary({test.op, x.data(), out.data(), 11, 0.25f, 0.75f});
    for (float f : out) EXPECT_TRUE(test.op == Unary::sign ? f == 0 : std::isnan(f)) << test.name;
  }
}

TEST_P(Elementwise, TheEndsOfTheRangeAreThoseOfTheMathsLibrary) {
  auto at = [&](Unary op, float value) {
    const Floats x(5, value);
    Floats out(5);
    table().unary({op, x.data(), out.data(), 5, 0.25f, 0.75f});
    return out[4];
  };
  EXPECT_EQ(at(Unary::exp, kInf), kInf);
  EXPECT_EQ(at(Unary::exp, -kInf), 0.0f);
  EXPECT_EQ(at(Unary::exp, 89.0f), kInf);
  EXPECT_EQ(at(Unary::log, 0.0f), -kInf);
  EXPECT_TRUE(std::isnan(at(Unary::log, -1.0f)));
  EXPECT_EQ(at(Unary::log, kInf), kInf);
  EXPECT_EQ(at(Unary::log1p, -1.0f), -kInf);
  EXPECT_TRUE(std::isnan(at(Unary::log1p, -2.0f)));
  EXPECT_EQ(at(Unary::log1p, kInf), kInf);
  EXPECT_TRUE(std::signbit(at(Unary::log1p, -0.0f)));
  EXPECT_EQ(at(Unary::log1p, 1e-20f), 1e-20f);
  EXPECT_TRUE(std::isnan(at(Unary::sqrt, -1.0f)));
  EXPECT_EQ(at(Unary::tanh, kInf), 1.0f);
  EXPECT_EQ(at(Unary::sigmoid, -kInf), 0.0f);
  EXPECT_EQ(at(Unary::sigmoid, kInf), 1.0f);
  EXPECT_EQ(at(Unary::softplus, kInf), kInf);
  EXPECT_EQ(at(Unary::rsqrt, 0.0f), kInf);
}

TEST_P(Elementwise, GeluKeepsItsDigitsFarBelowZero) {
  const Floats x = Floats::random(1003, 5, -10, 0);
  Floats out(1003);
  table().unary({Unary::gelu, x.data(), out.data(), 1003});
  for (std::int64_t i = 0; i < 1003; ++i) {
    const double expected = 0.5 * x[i] * std::erfc(-x[i] / std::sqrt(2.0));
    ASSERT_NEAR(out[i], expected, 2e-5 * std::abs(expected)) << x[i];
  }
}

TEST_P(Elementwise, ReluKeepsNegativeZero) {
  const Floats x(19, -0.0f);
  Floats out(19, 1.0f);
  table().unary({Unary::relu, x.data(), out.data(), 19});
  for (float f : out) EXPECT_EQ(std::bit_cast<std::uint32_t>(f), 0x80000000u);
}

MINNOW_ON_EVERY_ISA(Elementwise);

}  // namespace
}  // namespace minnow::kernels
