#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <random>
#include <vector>

#include <minnow/ops/binary.h>
#include <minnow/ops/conv2d.h>
#include <minnow/ops/unary.h>
#include <minnow/ops/view.h>

#include "plan/traced.h"

namespace minnow::test {

/// Applies ops that the passes know to values drawn from those there are, and gives back some of them. The same for the
/// same state of `random` and seed of manual_seed.
inline std::vector<Tensor> random_outputs(const Tensor& x, std::mt19937& random) {
  const auto draw = [&](std::size_t n) { return random() % n; };
  const std::int64_t c = x.dim(1);
  const Tensor dense = randn({c, c, 1, 1}) / std::sqrt(static_cast<double>(c)), depthwise = randn({c, 1, 3, 3}) / 3.0;
  const Norm norm(c);
  std::vector<Tensor> values = {x};
  for (int i = 0; i < 12; ++i) {
    const std::size_t kind = draw(12), recent = values.size() - std::min<std::size_t>(values.size(), 3);
    const Tensor a = values[recent + draw(values.size() - recent)], b = values[draw(values.size())];
    const std::function<Tensor()> ops[] = {
        [&] { return conv2d(a, dense) * 0.5; },
        [&] { return conv2d(a, dense, norm.bias); },
        [&] { return conv2d(a, depthwise, {}, {.padding = 1, .groups = c}); },
        [&] { return norm(a); },
        [&] { return relu(a); },
        [&] { return clamp(a, -1.0, 1.5); },
        [&] { return a + b; },
        [&] { return b + a; },
        [&] { return a - 0.0; },
        [&] { return a.view(x.shape()) / 1.0; },
        [&] { return a * tanh(b); },
        [&] { return norm(conv2d(tanh(a), dense)); },
    };
    values.push_back(ops[kind]());
  }
  std::vector<Tensor> outputs = {values.back()};
  while (draw(3) != 0) outputs.push_back(values[draw(values.size())]);
  return outputs;
}

}  // namespace minnow::test
