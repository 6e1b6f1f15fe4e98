#pragma once

#include <functional>
#include <sstream>
#include <string>
#include <vector>

#include <minnow/graph/trace.h>
#include <minnow/ops/batch_norm.h>
#include <minnow/ops/binary.h>
#include "support.h"

namespace minnow::test {

using Outputs = std::function<std::vector<Tensor>(const Tensor&)>;

inline Graph traced_graph(const Outputs& f, const TensorSpec& input) {
  return trace([&](std::span<const Tensor> x) { return f(x[0]); }, {&input, 1});
}
inline Graph traced_graph(const std::function<Tensor(const Tensor&)>& f, const TensorSpec& input) {
  return traced_graph([&](const Tensor& x) { return std::vector<Tensor>{f(x)}; }, input);
}

inline std::string text_of(const Graph& graph) {
  std::ostringstream out;
  out << graph;
  return out.str();
}

/// A function of one tensor as a graph, with numbers to hold it against after each pass.
class Traced {
 public:
  Traced(const Outputs& f, const Tensor& x) : graph(traced_graph(f, {x.shape(), x.dtype()})), x_(x), expected_(f(x)) {
    expect_outputs(0);
  }
  Traced(const std::function<Tensor(const Tensor&)>& f, const Tensor& x)
      : Traced([&](const Tensor& in) { return std::vector<Tensor>{f(in)}; }, x) {}
  template <class Function>
  Traced(const Function& f, const Shape& input) : Traced(f, randn(input)) {}

  std::string text() const { return text_of(graph); }

  /// Rewrites the graph, which must give what it gave before: to the bit, or within the tolerance.
  void apply(const std::function<void(Graph&)>& pass, double tolerance = 0) {
    pass(graph);
    expect_outputs(tolerance);
  }

  /// Expects that the graph reads like this, and that the pass leaves it so.
  void expect_left(const std::function<void(Graph&)>& pass, const std::string& expected) {
    EXPECT_EQ(text(), expected);
    apply(pass);
    EXPECT_EQ(text(), expected);
  }

  Graph graph;

 private:
  void expect_outputs(double tolerance) const {
    const std::vector<Tensor> actual = run(graph, {&x_, 1});
    ASSERT_EQ(actual.size(), expected_.size());
    for (std::size_t i = 0; i < actual.size(); ++i) {
      if (tolerance == 0) {
        EXPECT_TENSOR_EQ(actual[i], expected_[i]) << text();
      } else {
        EXPECT_TENSOR_NEAR(actual[i], expected_[i], tolerance) << text();
      }
    }
  }

  Tensor x_;
  std::vector<Tensor> expected_;
};

/// Numbers that arithmetic treats in its own ways.
inline Tensor odd_numbers() {
  constexpr float tiny = std::numeric_limits<float>::denorm_min(), huge = std::numeric_limits<float>::max();
  return tensor({0.0f, -0.0f, kNaN, kInf, -kInf, tiny, -tiny, huge, -huge, 1.0f, -1.5f});
}

/// A batch norm as after training.
struct Norm {
  explicit Norm(std::int64_t channels)
      : mean(randn({channels})), var(rand({channels}) + 0.5), weight(randn({channels})), bias(randn({channels})) {}
  Tensor operator()(const Tensor& x) const { return batch_norm(x, mean, var, weight, bias); }
  Tensor mean, var, weight, bias;
};

}  // namespace minnow::test
