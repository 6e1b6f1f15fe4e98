#pragma once

#include <functional>
#include <random>
#include <vector>

#include <minnow/ops/binary.h>
#include <minnow/ops/conv2d.h>
#include <minnow/ops/unary.h>
#include <minnow/ops/view.h>

#include "plan/traced.h"

namespace minnow::test {

/// Applies ops that the passes know to values drawn from those there are, and gives back some of them. `x` has four
/// channels. The same for the same state of `random` and seed of manual_seed.
inline std::vector<Tensor> random_outputs(const Tensor& x, std::mt19937& random) {
  const auto draw = [&](std::size_t n) { return random() % n; };
  const std::vector<Tensor> weights = {randn({4, 4, 1, 1}), randn({4, 1, 3, 3}) * 0.5};
  const Norm norm(4);
  std::vector<Tensor> values = {x};
  for (int i = 0; i < 12; ++i) {
    const std::size_t kind = draw(12), recent = values.size() - std::min<std::size_t>(values.size(), 3);
    const Tensor a = values[recent + draw(values.size() - recent)], b = values[draw(values.size())];
    const std::function<Tensor()> ops[] = {
        [&] { return conv2d(a, weights[0]) * 0.5; },
        [&] { return conv2d(a, weights[0], norm.bias); },
        [&] { return conv2d(a, weights[1], {}, {.padding = 1, .groups = 4}); },
        [&] { return norm(a); },
        [&] { return relu(a); },
        [&] { return clamp(a, -1.0, 1.5); },
        [&] { return a + b; },
        [&] { return b + a; },
        [&] { return a - 0.0; },
        [&] { return a.view(x.shape()) / 1.0; },
        [&] { return a * tanh(b); },
        [&] { return norm(conv2d(tanh(a), weights[0])); },
    };
    values.push_back(ops[kind]());
  }
  std::vector<Tensor> outputs = {values.back()};
  while (draw(3) != 0) outputs.push_back(values[draw(values.size())]);
  return outputs;
}

}  // namespace minnow::test
