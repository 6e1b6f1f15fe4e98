#pragma once

#include <functional>
#include <sstream>
#include <string>

#include <minnow/graph/trace.h>
#include <minnow/ops/batch_norm.h>
#include <minnow/ops/binary.h>
#include "support.h"

namespace minnow::test {

/// A function of one tensor as a graph, with numbers to hold it against after each pass.
class Traced {
 public:
  Traced(const std::function<Tensor(const Tensor&)>& f, const Shape& input) : x_(randn(input)) {
    x_.span()[0] = -0.0f;
    expected_ = f(x_);
    const TensorSpec spec{input};
    graph = trace([&](std::span<const Tensor> x) { return std::vector<Tensor>{f(x[0])}; }, {&spec, 1});
  }

  std::string text() const {
    std::ostringstream out;
    out << graph;
    return out.str();
  }

  /// Rewrites the graph, which must give what it gave before: to the bit, or within the tolerance.
  void apply(const std::function<void(Graph&)>& pass, double tolerance = 0) {
    pass(graph);
    const Tensor actual = run(graph, {&x_, 1}).front();
    if (tolerance == 0) {
      EXPECT_TENSOR_EQ(actual, expected_);
    } else {
      EXPECT_TENSOR_NEAR(actual, expected_, tolerance);
    }
  }

  Graph graph;

 private:
  Tensor x_, expected_;
};

/// A batch norm as after training.
struct Norm {
  explicit Norm(std::int64_t channels)
      : mean(randn({channels})), var(rand({channels}) + 0.5), weight(randn({channels})), bias(randn({channels})) {}
  Tensor operator()(const Tensor& x) const { return batch_norm(x, mean, var, weight, bias); }
  Tensor mean, var, weight, bias;
};

}  // namespace minnow::test
