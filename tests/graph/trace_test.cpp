#include <minnow/core/scope.h>
#include <minnow/graph/trace.h>
#include <minnow/ops/binary.h>
#include <minnow/ops/conv2d.h>
#include <minnow/ops/index_select.h>
#include <minnow/ops/unary.h>
#include <minnow/ops/view.h>

#include <thread>

#include "support.h"

namespace minnow {
namespace {

using Tensors = std::vector<Tensor>;

Graph trace_one(const std::function<Tensor(const Tensor&)>& f, const Shape& input) {
  const TensorSpec spec{input};
  return trace([&](std::span<const Tensor> x) { return Tensors{f(x[0])}; }, {&spec, 1});
}

TEST(Trace, RecordsTheOpsThatAreAppliedAndTheirModules) {
  const Tensor weight = ones({2, 3, 1, 1});
  const Graph graph = trace_one(
      [&](const Tensor& x) {
        const PathScope scope("stem");
        return relu(conv2d(x, weight, {}, {.stride = 2})).view({x.dim(0), -1});
      },
      {1, 3, 4, 4});
  EXPECT_EQ(str(graph),
            "input %0 [1, 3, 4, 4]\n"
            "%2 = conv2d(%0, [2, 3, 1, 1]) stride=(2, 2) -> [1, 2, 2, 2]  # stem\n"
            "%3 = relu(%2) -> [1, 2, 2, 2]  # stem\n"
            "%4 = view(%3) shape=[1, -1] -> [1, 8]  # stem\n"
            "output %4\n");
}

TEST(Trace, TheGraphComputesWhatTheFunctionDid) {
  const Tensor weight = randn({5, 3, 3, 3}), x = randn({2, 3, 9, 7});
  const auto f = [&](const Tensor& input) { return relu(conv2d(input, weight)) * 2.0 + 1.0; };
  EXPECT_TENSOR_EQ(run(trace_one(f, x.shape()), {&x, 1})[0], f(x));
}

TEST(Trace, WhatDoesNotDependOnTheInputIsComputedOnce) {
  const Tensor a = ones({3}), b = ones({3});
  const Graph graph = trace_one([&](const Tensor& x) { return x + (a + b); }, {2, 3});
  ASSERT_EQ(graph.nodes.size(), 1u);
  const Value& sum = graph[graph.nodes[0].inputs[1]];
  EXPECT_TENSOR_EQ(sum.constant, full({3}, 2.0));
  ASSERT_EQ(sum.origin.size(), 2u);
  EXPECT_EQ(sum.origin[0].storage(), a.storage());
  EXPECT_EQ(sum.origin[1].storage(), b.storage());
}

TEST(Trace, AssigningOperatorsAreRecordedForEveryHandle) {
  const Graph graph = trace_one(
      [](const Tensor& x) {
        Tensor y = relu(x);
        const Tensor same = y;
        y += x;
        return same;
      },
      {4});
  ASSERT_EQ(graph.nodes.size(), 2u);
  EXPECT_EQ(graph.outputs[0], graph.nodes[1].outputs[0]);
}

TEST(Trace, AConstantThatIsOverwrittenKeepsItsOldValuesWhereTheyWereRead) {
  const auto function = [](std::span<const Tensor> inputs) -> std::vector<Tensor> {
    Tensor t = zeros({4});
    const Tensor before = inputs[0] + t, flat = inputs[0].view({2, 2}) + t.view({2, 2});
    t += 1.0;
    const Tensor doubled = t * 2.0, between = inputs[0] + t;
    t.view({2, 2}) *= 5.0;
    return {before, flat, between, inputs[0] + doubled, inputs[0] + t};
  };
  const Tensor x = rand({4});
  const Graph graph = trace(function, std::vector<TensorSpec>{{4}});
  const std::vector<Tensor> expected = function({&x, 1}), traced = run(graph, {&x, 1});
  ASSERT_EQ(traced.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_TENSOR_EQ(traced[i], expected[i]);
  EXPECT_TENSOR_EQ(expected[0], x);
  EXPECT_TENSOR_EQ(expected[4], x + 5.0);
}

TEST(Trace, WhatALaterTraceOverwritesIsNoPartOfTheGraph) {
  Tensor scratch = zeros({4});
  const auto function = [&](const Tensor& x) {
    scratch *= 0.0;
    scratch += static_cast<double>(x.dim(0));
    return x + scratch;
  };
  const Graph one = trace_one(function, {1, 4}), three = trace_one(function, {3, 4});
  const Tensor x = rand({1, 4}), xs = rand({3, 4});
  EXPECT_TENSOR_EQ(run(one, {&x, 1})[0], x + 1.0);
  EXPECT_TENSOR_EQ(run(three, {&xs, 1})[0], xs + 3.0);
}

TEST(Trace, SeesWhatATraceWithinItOverwrites) {
  Tensor scratch = zeros({4});
  const auto fill = [&](double value) {
    scratch *= 0.0;
    scratch += value;
  };
  const Graph graph = trace_one(
      [&](const Tensor& x) {
        fill(5);
        const Tensor y = x + scratch;
        trace_one(
            [&](const Tensor& u) {
              fill(7);
              return u + scratch;
            },
            {4});
        return y;
      },
      {4});
  const Tensor x = rand({4});
  EXPECT_TENSOR_EQ(run(graph, {&x, 1})[0], x + 5.0);
}

TEST(Trace, TellsNumbersOfDifferentTypesInOnePlaceApart) {
  std::vector<std::int64_t> memory(4);  // zeros of either type
  const Tensor integers = from_blob(memory.data(), {4}),
               floats = from_blob(reinterpret_cast<float*>(memory.data()), {4});
  const Graph graph = trace_one([&](const Tensor& x) { return index_select(x, 0, integers) + floats; }, {4});
  const Tensor x = rand({4});
  EXPECT_TENSOR_EQ(run(graph, {&x, 1})[0], full({4}, x.at({0})));
}

TEST(Trace, AssigningOperatorsMayNotChangeWhatAViewShows) {
  const auto changed = "+=, -=, *= or /= has changed";
  test::expect_error(
      [] {
        trace_one(
            [](const Tensor& x) {
              const Tensor y = relu(x);
              Tensor view = y.view({2, 2});
              view *= 2.0;
              return y;
            },
            {4});
      },
      changed);
  test::expect_error(
      [] {
        trace_one(
            [](const Tensor& x) {
              Tensor y = relu(x);
              const Tensor view = y.view({2, 2}).view({4, 1});
              y += x;
              return relu(view);
            },
            {4});
      },
      changed);
  const auto harmless = [](const Tensor& x) {  // nobody looks at the others
    Tensor y = relu(x), view = y.view({2, 2});
    view -= 1.0;
    return view;
  };
  const Tensor x = randn({4});
  EXPECT_TENSOR_EQ(run(trace_one(harmless, x.shape()), {&x, 1})[0], harmless(x));
}

TEST(Trace, ValuesAreNotKnownWhileTracing) {
  EXPECT_THROW(trace_one([](const Tensor& x) { return x * double(x.data()[0]); }, {1}), Error);
  EXPECT_THROW(trace_one([](const Tensor& x) { return x.item() > 0 ? x : relu(x); }, {1}), Error);
}

TEST(Trace, TheErrorNamesTheModule) {
  try {
    trace_one(
        [](const Tensor& x) {
          const PathScope scope("layer2");
          return x * double(x.item());
        },
        {1});
    FAIL() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("layer2: item"), std::string::npos) << error.what();
  }
}

TEST(Trace, ASymbolicTensorIsOfNoUseOutsideOfItsTrace) {
  Tensor kept;
  trace_one([&](const Tensor& x) { return kept = relu(x); }, {2});
  EXPECT_THROW(relu(kept), Error);
  EXPECT_THROW(trace_one([&](const Tensor& x) { return x + kept; }, {2}), Error);
  trace_one(
      [](const Tensor& x) {
        std::thread([&] { EXPECT_THROW(relu(x), Error); }).join();
        return x;
      },
      {2});
}

TEST(Trace, AConstantOfManyStepsKnowsWhatItWasMadeFromOnce) {
  const Tensor first = tensor({1.5f}), second = tensor({0.5f});
  const Graph graph = trace_one(
      [&](const Tensor& x) {
        Tensor before = first, now = second;
        for (int i = 0; i < 60; ++i) {
          const Tensor next = 2.0 * first * now - before;
          before = now;
          now = next;
        }
        return x * now;
      },
      {1});
  ASSERT_EQ(graph.nodes.size(), 1u);
  EXPECT_EQ(graph[graph.nodes[0].inputs[1]].origin.size(), 2u);
}

TEST(Trace, DeadNodesGoAndLiveOnesStay) {
  Graph graph = trace_one(
      [](const Tensor& x) {
        relu(x);
        return x + 1.0;
      },
      {2});
  EXPECT_EQ(graph.nodes.size(), 2u);
  graph.remove_dead_nodes();
  ASSERT_EQ(graph.nodes.size(), 1u);
  EXPECT_EQ(graph.nodes[0].op->name(), "add");
}

}  // namespace
}  // namespace minnow
