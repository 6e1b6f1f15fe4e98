#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include <minnow/ops/check.h>
#include <minnow/ops/reduce.h>
#include <minnow/ops/strided.h>

namespace minnow {
namespace {

constexpr std::array kReduceNames = {"sum", "mean", "max", "min", "var", "std", "norm"};
constexpr float kInfinity = std::numeric_limits<float>::infinity();

// What a reduction knows after some elements. `row` takes n neighbours at once.

// The sum of State::term of each.
template <class State>
struct SumOf {
  double total = 0;
  void add(float x) { total += State::term(x); }
  void row(const float* x, std::int64_t n) {
    std::array<double, 8> part{};  // independent sums, so that the additions overlap
    std::int64_t i = 0;
    for (; i + 8 <= n; i += 8) {
      for (std::size_t j = 0; j < 8; ++j) part[j] += State::term(x[i + static_cast<std::int64_t>(j)]);
    }
    for (; i < n; ++i) part[0] += State::term(x[i]);
    for (const double p : part) total += p;
  }
  float result() const { return static_cast<float>(total); }
};

struct Sum : SumOf<Sum> {
  static double term(double x) { return x; }
};

struct Squares : SumOf<Squares> {
  static double term(double x) { return x * x; }
};

struct Magnitudes : SumOf<Magnitudes> {
  static double term(double x) { return std::fabs(x); }
};

template <class State>
struct ByElement {
  void row(const float* x, std::int64_t n) {
    State state = static_cast<State&>(*this);
    for (std::int64_t i = 0; i < n; ++i) state.add(x[i]);
    static_cast<State&>(*this) = state;
  }
};

// The element that State::of prefers.
template <class State>
struct Extreme {
  float best = State::start;
  void add(float x) { best = State::of(best, x); }
  void row(const float* x, std::int64_t n) {
    constexpr std::int64_t width = 32;  // independent ones, so that the comparisons overlap
    if (n < width) {
      for (std::int64_t i = 0; i < n; ++i) add(x[i]);
      return;
    }
    std::array<float, width> part;
    part.fill(best);
    for (std::int64_t i = 0; i < n; i += width) {
      const float* from = x + std::min(i, n - width);  // the last ones look again at what has been seen
      for (std::size_t j = 0; j < width; ++j) part[j] = State::of(part[j], from[j]);
    }
    for (std::size_t half = width / 2; half > 0; half /= 2) {
      for (std::size_t j = 0; j < half; ++j) part[j] = State::of(part[j], part[j + half]);
    }
    best = part[0];
  }
  float result() const { return best; }
};

struct Max : Extreme<Max> {
  static constexpr float start = -kInfinity;
  static float of(float a, float b) { return b > a || b != b ? b : a; }
};

struct Min : Extreme<Min> {
  static constexpr float start = kInfinity;
  static float of(float a, float b) { return b < a || b != b ? b : a; }
};

// The largest (of nothing 0) or smallest |x|.
struct MaxAbs : Extreme<MaxAbs> {
  static constexpr float start = 0;
  static float of(float a, float b) { return Max::of(a, std::fabs(b)); }
};

struct MinAbs : Extreme<MinAbs> {
  static constexpr float start = kInfinity;
  static float of(float a, float b) { return Min::of(a, std::fabs(b)); }
};

// Sums about the first element, which keeps the squares small when the mean is large.
struct Moments : ByElement<Moments> {
  double origin = 0, total = 0, squares = 0;
  std::int64_t count = 0;
  void add(float x) {
    if (count++ == 0) origin = x;
    const double d = x - origin;
    total += d;
    squares += d * d;
  }
  double variance(double correction) const {
    const auto n = static_cast<double>(count);
    const double spread = count ? std::max(squares - total * total / n, 0.0 * squares) : 0.0;
    return spread / std::max(n - correction, 0.0);
  }
};

// The sum of |x|^p.
struct Powers : ByElement<Powers> {
  double p = 1, total = 0;
  void add(float x) { total += p == 0 ? static_cast<double>(x != 0) : std::pow(std::fabs(static_cast<double>(x)), p); }
};

// The input as kept dimensions around reduced ones, neighbours of a kind joined: [2, 3, 4, 5] over {1, 2} is kept 2,
// reduced 12, kept 5.
struct Reduction {
  Shape kept, reduced;
  detail::Strides kept_strides{}, reduced_strides{};
  bool last_kept = false;  // whether the innermost dimension is kept
};

Reduction plan_of(const Shape& input, const std::array<bool, Shape::max_rank>& is_reduced) {
  Reduction plan;
  const detail::Strides strides = detail::row_major(input);
  int before = -1;  // 1 when the dimension before was reduced, 0 when kept
  for (int i = 0; i < input.rank(); ++i) {
    const auto d = static_cast<std::size_t>(i);
    if (input[i] == 1) continue;
    Shape& dims = is_reduced[d] ? plan.reduced : plan.kept;
    detail::Strides& steps = is_reduced[d] ? plan.reduced_strides : plan.kept_strides;
    if (before == static_cast<int>(is_reduced[d])) {
      dims[-1] *= input[i];
    } else {
      dims.push_back(input[i]);
    }
    steps[static_cast<std::size_t>(dims.rank() - 1)] = strides[d];
    before = is_reduced[d];
  }
  plan.last_kept = before == 0;
  return plan;
}

// Calls visit(offset) for each index of the first `rank` dimensions.
template <class Visit>
void each_offset(const Shape& dims, const detail::Strides& strides, int rank, std::int64_t offset, Visit visit,
                 int from = 0) {
  if (from == rank) return visit(offset);
  for (std::int64_t i = 0; i < dims[from]; ++i) {
    each_offset(dims, strides, rank, offset + i * strides[static_cast<std::size_t>(from)], visit, from + 1);
  }
}

std::int64_t offset_of(std::int64_t index, const Shape& dims, const detail::Strides& strides) {
  std::int64_t offset = 0;
  for (int i = dims.rank() - 1; i >= 0; --i) {
    offset += index % dims[i] * strides[static_cast<std::size_t>(i)];
    index /= dims[i];
  }
  return offset;
}

// Each output is `start` after all its elements, put through `finish`. Threads share the outputs among them.
template <class State, class Finish>
void reduce(const Tensor& x, const Reduction& plan, Tensor& result, const State& start, Finish finish) {
  const float* in = x.data();
  float* out = result.data();
  const std::int64_t outputs = plan.kept.numel(), each = plan.reduced.numel();
  const std::int64_t grain = grain_of(each);
  if (!plan.last_kept) {
    const int rows = std::max(plan.reduced.rank() - 1, 0);
    const std::int64_t length = plan.reduced.rank() ? plan.reduced[-1] : 1;
    return parallel_for(outputs, grain, [&](std::int64_t first, std::int64_t last) {
      for (std::int64_t o = first; o < last; ++o) {
        State state = start;
        each_offset(plan.reduced, plan.reduced_strides, rows, offset_of(o, plan.kept, plan.kept_strides),
                    [&](std::int64_t at) { state.row(in + at, length); });
        out[o] = finish(state);
      }
    });
  }
  // The innermost dimension is kept: runs of neighbouring outputs go through the reduced indices together.
  const std::int64_t inner = plan.kept[-1];
  parallel_for(outputs, std::max<std::int64_t>(grain, 16), [&](std::int64_t first, std::int64_t last) {
    constexpr std::int64_t most = 64;
    for (std::int64_t o = first; o < last;) {
      const std::int64_t run = std::min({most, last - o, inner - o % inner});
      std::array<State, most> states;
      states.fill(start);
      each_offset(plan.reduced, plan.reduced_strides, plan.reduced.rank(), offset_of(o, plan.kept, plan.kept_strides),
                  [&](std::int64_t at) {
                    for (std::int64_t i = 0; i < run; ++i) states[static_cast<std::size_t>(i)].add(in[at + i]);
                  });
      for (std::int64_t i = 0; i < run; ++i) out[o + i] = finish(states[static_cast<std::size_t>(i)]);
      o += run;
    }
  });
}

void norm(const Tensor& x, const Reduction& plan, Tensor& out, double p) {
  const auto value = [](const auto& state) { return state.result(); };
  if (p == kInfinity) return reduce(x, plan, out, MaxAbs{}, value);
  if (p == -kInfinity) return reduce(x, plan, out, MinAbs{}, value);
  if (p == 1) return reduce(x, plan, out, Magnitudes{}, value);
  if (p == 2)
    return reduce(x, plan, out, Squares{}, [](const Squares& s) { return static_cast<float>(std::sqrt(s.total)); });
  Powers start;
  start.p = p;
  reduce(x, plan, out, start,
         [p](const Powers& s) { return static_cast<float>(p == 0 ? s.total : std::pow(s.total, 1 / p)); });
}

}  // namespace

const char* name_of(ReduceKind kind) { return kReduceNames[static_cast<std::size_t>(kind)]; }

std::string ReduceOp::attributes() const {
  std::string text = str("dims=", dims, keepdim ? " keepdim" : "");
  if (kind == ReduceKind::norm) text += str(" p=", parameter);
  if (kind == ReduceKind::var || kind == ReduceKind::std) text += parameter != 0 ? " unbiased" : " biased";
  return text;
}

std::vector<TensorSpec> ReduceOp::infer(std::span<const TensorSpec> inputs) const {
  detail::expect_float32(name(), inputs);
  const Shape& input = inputs[0].shape;
  const bool extreme = kind == ReduceKind::max || kind == ReduceKind::min ||
                       (kind == ReduceKind::norm && (std::isinf(parameter) || parameter < 0));
  const auto reduced = detail::listed(name(), input, dims);
  for (int i = 0; extreme && i < input.rank(); ++i) {
    if (reduced[static_cast<std::size_t>(i)] && input[i] == 0) {
      fail(name(), ": dimension ", i, " of the shape ", input, " has no elements to choose from");
    }
  }
  return {{reduce_shape(name(), input, dims, keepdim), DType::float32}};
}

void ReduceOp::eval(std::span<const Tensor> inputs, std::span<Tensor> outputs) const {
  const Tensor& x = inputs[0];
  Tensor& out = outputs[0];
  const Reduction plan = plan_of(x.shape(), detail::listed(name(), x.shape(), dims));
  const auto count = static_cast<double>(plan.reduced.numel());
  const auto value = [](const auto& state) { return state.result(); };
  const double p = parameter;
  switch (kind) {
    case ReduceKind::sum:
      return reduce(x, plan, out, Sum{}, value);
    case ReduceKind::mean:
      return reduce(x, plan, out, Sum{}, [count](const Sum& s) { return static_cast<float>(s.total / count); });
    case ReduceKind::max:
      return reduce(x, plan, out, Max{}, value);
    case ReduceKind::min:
      return reduce(x, plan, out, Min{}, value);
    case ReduceKind::var:
      return reduce(x, plan, out, Moments{}, [p](const Moments& s) { return static_cast<float>(s.variance(p)); });
    case ReduceKind::std:
      return reduce(x, plan, out, Moments{},
                    [p](const Moments& s) { return static_cast<float>(std::sqrt(s.variance(p))); });
    case ReduceKind::norm:
      return norm(x, plan, out, p);
  }
}

Tensor sum(const Tensor& x, const Dims& dims, bool keepdim) {
  return apply<ReduceOp>({x}, ReduceKind::sum, dims, keepdim);
}
Tensor mean(const Tensor& x, const Dims& dims, bool keepdim) {
  return apply<ReduceOp>({x}, ReduceKind::mean, dims, keepdim);
}
Tensor max(const Tensor& x, const Dims& dims, bool keepdim) {
  return apply<ReduceOp>({x}, ReduceKind::max, dims, keepdim);
}
Tensor min(const Tensor& x, const Dims& dims, bool keepdim) {
  return apply<ReduceOp>({x}, ReduceKind::min, dims, keepdim);
}
Tensor var(const Tensor& x, const Dims& dims, bool unbiased, bool keepdim) {
  return apply<ReduceOp>({x}, ReduceKind::var, dims, keepdim, unbiased ? 1.0 : 0.0);
}
Tensor std(const Tensor& x, const Dims& dims, bool unbiased, bool keepdim) {
  return apply<ReduceOp>({x}, ReduceKind::std, dims, keepdim, unbiased ? 1.0 : 0.0);
}
Tensor norm(const Tensor& x, double p, const Dims& dims, bool keepdim) {
  return apply<ReduceOp>({x}, ReduceKind::norm, dims, keepdim, p);
}

Tensor Tensor::sum(const Dims& dims, bool keepdim) const { return minnow::sum(*this, dims, keepdim); }
Tensor Tensor::mean(const Dims& dims, bool keepdim) const { return minnow::mean(*this, dims, keepdim); }
Tensor Tensor::max(const Dims& dims, bool keepdim) const { return minnow::max(*this, dims, keepdim); }
Tensor Tensor::min(const Dims& dims, bool keepdim) const { return minnow::min(*this, dims, keepdim); }
Tensor Tensor::var(const Dims& dims, bool unbiased, bool keepdim) const {
  return minnow::var(*this, dims, unbiased, keepdim);
}
Tensor Tensor::std(const Dims& dims, bool unbiased, bool keepdim) const {
  return minnow::std(*this, dims, unbiased, keepdim);
}
Tensor Tensor::norm(double p, const Dims& dims, bool keepdim) const { return minnow::norm(*this, p, dims, keepdim); }

}  // namespace minnow
