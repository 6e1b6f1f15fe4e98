#include <minnow/core/threads.h>
#include <minnow/ops/compare.h>
#include <minnow/ops/unary.h>

#include "support.h"

namespace minnow {
namespace {

using test::kInf, test::kNaN;
using test::tensor_of;

struct Function {
  const char* name;
  Tensor (*apply)(const Tensor&);
};

// Exact where the result is a choice or one rounding.
const Function exact[] = {{"neg", neg},
                          {"abs", abs},
                          {"sqrt", sqrt},
                          {"square", square},
                          {"sign", sign},
                          {"floor", floor},
                          {"ceil", ceil},
                          {"round", round},
                          {"relu", relu},
                          {"relu6", relu6},
                          {"reciprocal", reciprocal}};
const Function close[] = {{"exp", exp},
                          {"log", log},
                          {"log1p", log1p},
                          {"rsqrt", rsqrt},
                          {"sin", sin},
                          {"cos", cos},
                          {"tanh", tanh},
                          {"sigmoid", sigmoid},
                          {"erf", erf},
                          {"silu", silu},
                          {"gelu", gelu},
                          {"hardswish", hardswish},
                          {"hardsigmoid", hardsigmoid},
                          {"leaky_relu", [](const Tensor& x) { return leaky_relu(x); }},
                          {"leaky_relu 0.2", [](const Tensor& x) { return leaky_relu(x, 0.2); }},
                          {"elu", [](const Tensor& x) { return elu(x); }},
                          {"elu 0.7", [](const Tensor& x) { return elu(x, 0.7); }},
                          {"softplus", [](const Tensor& x) { return softplus(x); }},
                          {"softplus 2 3", [](const Tensor& x) { return softplus(x, 2, 3); }}};

TEST(Unary, GivesTorchsNumbers) {
  const nlohmann::json golden = test::golden("tensor_ops.json")["unary"];
  const Tensor x = tensor_of(golden["x"]);
  for (const Function& f : exact) {
    SCOPED_TRACE(f.name);
    EXPECT_TENSOR_EQ(f.apply(x), tensor_of(golden[f.name]));
  }
  for (const Function& f : close) {
    SCOPED_TRACE(f.name);
    const Tensor actual = f.apply(x), expected = tensor_of(golden[f.name]);
    EXPECT_TRUE(allclose(actual, expected, {.rtol = 1e-5, .atol = 1e-6, .equal_nan = true})) << actual << '\n'
                                                                                             << expected;
  }
}

TEST(Clamp, GivesTorchsNumbers) {
  const nlohmann::json golden = test::golden("tensor_ops.json")["unary"];
  const Tensor x = tensor_of(golden["x"]);
  EXPECT_TENSOR_EQ(clamp(x, -0.5, 1.5), tensor_of(golden["clamp -0.5 1.5"]));
  EXPECT_TENSOR_EQ(clamp(x, 0.25), tensor_of(golden["clamp min 0.25"]));
  EXPECT_TENSOR_EQ(clamp(x, -kInf, 0.25), tensor_of(golden["clamp max 0.25"]));
  EXPECT_TENSOR_EQ(clamp(x, 2, 1), tensor_of(golden["clamp 2 1"]));
  EXPECT_TENSOR_EQ(clamp(x, kNaN, 1), tensor_of(golden["clamp nan 1"]));
  EXPECT_TENSOR_EQ(clamp(x, 0, kNaN), tensor_of(golden["clamp 0 nan"]));
  EXPECT_TENSOR_EQ(clamp(x, kNaN, kNaN), tensor_of(golden["clamp nan nan"]));
  EXPECT_TENSOR_EQ(clamp(x, kNaN), tensor_of(golden["clamp min nan"]));
  EXPECT_TENSOR_EQ(clamp(x, -kInf, kNaN), tensor_of(golden["clamp max nan"]));
}

TEST(Unary, GivesTheSameBitsForAnyNumberOfThreads) {
  const Tensor x = randn({100003});
  const int before = num_threads();
  for (const Function& f : {Function{"exp", exp}, Function{"gelu", gelu}, Function{"sin", sin}}) {
    set_num_threads(1);
    const Tensor one = f.apply(x);
    set_num_threads(3);
    EXPECT_TENSOR_EQ(f.apply(x), one) << f.name;
  }
  set_num_threads(before);
}

TEST(Unary, KeepsShapesAndRefusesInt64) {
  EXPECT_TENSOR_EQ(-zeros({2, 0, 3}), zeros({2, 0, 3}));
  EXPECT_EQ(relu(tensor(-2)).shape(), Shape{});
  test::expect_error([] { relu(zeros({2}, DType::int64)); }, "relu: expected float32, got int64 [2]");
}

TEST(Unary, WritesItsParametersForReaders) {
  EXPECT_EQ(UnaryOp(UnaryKind::clamp, 0, 6).attributes(), "min=0 max=6");
  EXPECT_EQ(UnaryOp(UnaryKind::leaky_relu, 0.5f).attributes(), "negative_slope=0.5");
  EXPECT_EQ(UnaryOp(UnaryKind::relu).name(), "relu");
  EXPECT_STREQ(name_of(UnaryKind::clamp), "clamp");
}

}  // namespace
}  // namespace minnow
