#include <gmock/gmock.h>

#include <minnow/nn/batch_norm2d.h>
#include <minnow/nn/conv2d.h>
#include <minnow/nn/linear.h>
#include <minnow/nn/relu.h>
#include <minnow/nn/sequential.h>
#include <minnow/ops/binary.h>

#include "support.h"

namespace minnow::nn {
namespace {

using testing::ElementsAre, testing::HasSubstr;

struct TwoLayers : Module {
  explicit TwoLayers(std::int64_t width = 4) : features(width) {}

  std::int64_t features;
  Child<Linear> first = add("first", Linear(features, features));
  Child<Linear> second = add("second", Linear(features, features, {.bias = false}));

  Tensor forward(const Tensor& x) const override { return second(first(x)) + x; }
};

struct DeepNet : Module {
  Parameter scale = parameter("scale", {1}, Init::constant(2.0f));
  Child<Sequential> body = add("body", Sequential(TwoLayers(), TwoLayers()));
  Parameter shift = parameter("shift", {1}, Init::constant(1.0f));
  Child<Linear> fc = add("fc", Linear(4, 3));
  Parameter calls = buffer("calls", {}, Init::constant(0.0f), DType::int64);

  Tensor forward(const Tensor& x) const override { return fc(body(x)) * scale + shift; }
};

// Two inputs.
struct Add : Module {
  Tensor forward(const Inputs& inputs) const override { return inputs[0] + inputs[1]; }
};

// Members may be plain references; such a class can be moved, but not assigned or cloned.
struct WithReferences : Module {
  Linear& first = add("first", Linear(4, 4));
  Sequential& rest = add("rest", Sequential(ReLU(), Linear(4, 2)));

  Tensor forward(const Tensor& x) const override { return rest(first(x)); }
};

std::vector<std::string> names(const std::vector<NamedParameter>& entries) {
  std::vector<std::string> result;
  for (const NamedParameter& entry : entries) result.push_back(entry.name);
  return result;
}

std::vector<std::string> paths(const Module& module) {
  std::vector<std::string> result;
  for (const NamedModule& entry : module.named_modules()) result.push_back(entry.path);
  return result;
}

TEST(Module, NamesParametersInTorchsOrder) {
  const DeepNet net;
  EXPECT_THAT(names(net.named_parameters()),
              ElementsAre("scale", "shift", "body.0.first.weight", "body.0.first.bias", "body.0.second.weight",
                          "body.1.first.weight", "body.1.first.bias", "body.1.second.weight", "fc.weight", "fc.bias"));
  EXPECT_THAT(names(net.named_buffers()), ElementsAre("calls"));
  EXPECT_THAT(names(net.state_dict()),
              ElementsAre("scale", "shift", "calls", "body.0.first.weight", "body.0.first.bias", "body.0.second.weight",
                          "body.1.first.weight", "body.1.first.bias", "body.1.second.weight", "fc.weight", "fc.bias"));
}

TEST(Module, NamesModulesFromTheRootDown) {
  EXPECT_THAT(paths(DeepNet()), ElementsAre("", "body", "body.0", "body.0.first", "body.0.second", "body.1",
                                            "body.1.first", "body.1.second", "fc"));
}

TEST(Module, CountsLearnedValuesOnly) {
  EXPECT_EQ(DeepNet().num_parameters(), 2 + 2 * (16 + 4 + 16) + 12 + 3);
  EXPECT_EQ(BatchNorm2d(7).num_parameters(), 14);  // the running statistics and their counter do not count
}

TEST(Module, StateDictFindsEntriesByName) {
  const DeepNet net;
  const StateDict state = net.state_dict();
  EXPECT_TRUE(state.contains("body.1.first.bias"));
  EXPECT_FALSE(state.contains("body.1"));
  EXPECT_EQ(state["fc.weight"].shape(), (Shape{3, 4}));
  test::expect_error([&] { state["fc.wieght"]; }, "fc.wieght");
}

TEST(Module, WalkingTheTreeDrawsNothing) {
  const DeepNet net;
  (void)net.named_parameters(), (void)net.num_parameters(), (void)net.named_modules();
  for (const NamedParameter& entry : net.state_dict()) EXPECT_FALSE(entry.parameter.has_value()) << entry.name;
}

TEST(Module, ErrorsSayWhichModuleWasWrong) {
  const DeepNet net;
  test::expect_error([&] { net(zeros({2, 5})); }, "body.0.first: ");
  struct Outer : Module {
    Child<DeepNet> net = add("net", DeepNet());
    Tensor forward(const Tensor& x) const override { return net(x); }
  };
  test::expect_error([&] { Outer()(zeros({2, 5})); }, "net.body.0.first: ");
}

TEST(Module, ThePathIsClearedAfterAnError) {
  const DeepNet net;
  EXPECT_THROW(net(zeros({2, 5})), Error);
  try {
    fail("plain");
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "plain");
  }
}

TEST(Module, CalledWithTooFewInputsSaysWhichIsMissing) {
  test::expect_error([] { Add()(zeros({2})); }, "there is no input 1 (counted from 0): the module was called with 1");
  test::expect_error([] { Sequential(Add(), ReLU())(zeros({2})); }, "0: there is no input 1");
}

TEST(Module, IsReturnedByValueAndStillWorks) {
  const auto make = [](bool big) {
    DeepNet a, b;
    a.fc->bias = tensor({1, 2, 3});
    return big ? std::move(b) : std::move(a);
  };
  const DeepNet net = make(false);
  EXPECT_TENSOR_EQ(net.fc->bias.value(), tensor({1, 2, 3}));
  EXPECT_EQ(net(zeros({2, 4})).shape(), (Shape{2, 3}));
  EXPECT_EQ(net.get("body.1.first").path(), "body.1.first");
  test::expect_error([&] { net(zeros({2, 5})); }, "body.0.first: ");
}

TEST(Module, StandsInAVectorThatGrows) {
  std::vector<TwoLayers> blocks;
  Tensor x = rand({3, 4});
  std::vector<Tensor> expected;
  for (int i = 0; i < 9; ++i) {
    blocks.emplace_back();
    blocks.back().first->bias = full({4}, i);
    expected.push_back(blocks.back()(x));
  }
  for (std::size_t i = 0; i < blocks.size(); ++i) EXPECT_TENSOR_EQ(blocks[i](x), expected[i]);
}

TEST(Module, SwapsWithAnother) {
  DeepNet a, b;
  a.fc->bias = tensor({1, 2, 3});
  b.fc->bias = tensor({4, 5, 6});
  const Tensor x = rand({1, 4}), ya = a(x), yb = b(x);
  std::swap(a, b);
  EXPECT_TENSOR_EQ(a(x), yb);
  EXPECT_TENSOR_EQ(b(x), ya);
  EXPECT_TENSOR_EQ(a.fc->bias.value(), tensor({4, 5, 6}));
}

TEST(Module, HandlesOutliveAnAssignedModule) {
  auto net = std::make_unique<DeepNet>();
  const Parameter scale = net->scale;
  const Child<Linear> fc = net->fc;
  *net = DeepNet();
  net.reset();
  EXPECT_TENSOR_EQ(scale.value(), tensor({2}));
  EXPECT_EQ(fc->path(), "fc");
}

struct Chain : Module {
  std::vector<Child<Module>> links;
  Parameter factor = parameter("factor", {1}, Init::constant(1));
  std::vector<int> own = std::vector<int>(100, 1);
  void append(AnyModule module) { links.push_back(add("next", std::move(module))); }
  Tensor forward(const Tensor& x) const override { return links.empty() ? x * factor : links[0](x) * factor; }
};

TEST(Module, IsAssignedAModuleFromBelowItself) {
  Chain chain, link, last;
  last.factor = tensor({5});
  link.factor = tensor({3});
  link.own[99] = 7;
  link.append(std::move(last));
  chain.append(std::move(link));
  chain = std::move(chain.get<Chain>("next"));
  EXPECT_TENSOR_EQ(chain(ones({2})), tensor({15, 15}));
  EXPECT_EQ(chain.own[99], 7);
  EXPECT_EQ(chain.get("next").path(), "next");
  EXPECT_EQ(chain.num_parameters(), 2);
  chain = std::move(chain.get<Chain>("next"));
  EXPECT_TENSOR_EQ(chain(ones({2})), tensor({5, 5}));
  EXPECT_TRUE(chain.children().empty());
}

TEST(Module, ThatWasMovedFromSaysSoWhenItIsUsed) {
  DeepNet from;
  const DeepNet to = std::move(from);
  const auto moved = "a child is used whose module has been moved elsewhere";
  test::expect_error([&] { from(rand({1, 4})); }, moved);
  test::expect_error([&] { (void)from.fc->bias; }, moved);
  test::expect_error([&] { from.fc = Linear(4, 3); }, moved);
  EXPECT_TRUE(from.children().empty());
}

TEST(Module, RefusesTheChildOfAnotherModule) {
  static_assert(!std::is_copy_assignable_v<Child<Linear>>);
  DeepNet a, b;
  const Tensor bias = tensor({1, 2, 3});
  b.fc->bias = bias;
  test::expect_error([&] { a.fc = std::move(b.fc); }, "fc: a child is given another module, not another child");
  a.fc = std::move(*b.fc);
  EXPECT_TENSOR_EQ(a.state_dict()["fc.bias"].value(), bias);
  EXPECT_EQ(&*a.fc, &a.get("fc"));
}

TEST(Module, TakesANewHeadOfTheSameKindByAssignment) {
  DeepNet net;
  Linear head(4, 3);
  head.bias = tensor({7, 8, 9});
  net.fc = std::move(head);
  EXPECT_TENSOR_EQ(net.state_dict()["fc.bias"].value(), tensor({7, 8, 9}));
  net.fc = Linear(4, 5, {.bias = false});
  EXPECT_THAT(names(net.fc->named_parameters()), ElementsAre("weight"));
  EXPECT_EQ(net.body(zeros({1, 4})).shape(), (Shape{1, 4}));
  EXPECT_EQ(net.fc(zeros({1, 4})).shape(), (Shape{1, 5}));
}

TEST(Module, TakesANewHeadOfAnotherKindThatForwardThenUses) {
  DeepNet net;
  net.replace("fc", Sequential(Linear(4, 8), ReLU(), Linear(8, 2)));
  EXPECT_EQ(net(zeros({5, 4})).shape(), (Shape{5, 2}));
  EXPECT_EQ(net.state_dict()["fc.2.weight"].shape(), (Shape{2, 8}));
  EXPECT_THAT(str(net), HasSubstr("(fc): Sequential("));
  test::expect_error([&] { (void)*net.fc; }, "fc: expected a module of kind Linear, got a Sequential");
  net.replace("fc", Linear(4, 6));
  EXPECT_EQ(net.fc->out_features, 6);
}

TEST(Module, ReplacesFarBelowAndReportsPathsThatAreNot) {
  DeepNet net;
  net.replace("body.1", [](const Tensor& x) { return x * 3.0; });
  EXPECT_TENSOR_EQ(net.body->get("1")(full({1, 4}, 2.0)), full({1, 4}, 6.0));
  test::expect_error([&] { net.replace("body.2", Linear(4, 4)); }, "\"2\"");
  test::expect_error([&] { net.replace("", Linear(4, 4)); }, "replace");
}

TEST(Module, APlainReferenceMemberNamesAChildAsWell) {
  WithReferences net;
  EXPECT_EQ(net(zeros({3, 4})).shape(), (Shape{3, 2}));
  const WithReferences moved = std::move(net);
  EXPECT_EQ(moved(zeros({3, 4})).shape(), (Shape{3, 2}));
  EXPECT_EQ(&moved.first, &moved.get("first"));
}

TEST(Module, AReferenceMemberReachesTheSuccessorWhenCalled) {
  WithReferences net;
  net.replace("first", [](const Tensor& x) { return x + 100.0; });
  EXPECT_TENSOR_EQ(net.first(zeros({1, 4})), full({1, 4}, 100.0));
}

TEST(Module, TakesSeveralInputs) {
  struct Net2 : Module {
    Child<Add> sum = add("sum", Add());
    Tensor forward(const Tensor& x) const override { return sum(x, x); }
  };
  EXPECT_TENSOR_EQ(Net2()(tensor({1, 2})), tensor({2, 4}));
  test::expect_error([] { Linear(4, 4)(zeros({1, 4}), zeros({1, 4})); }, "there is no forward for 2 inputs");
}

TEST(Module, RefusesNamesThatWouldNotBeUnique) {
  struct Twice : Module {
    Twice() {
      add("a", Linear(1, 1));
      add("a", Linear(1, 1));
    }
  };
  struct Dotted : Module {
    Dotted() { parameter("a.b", {1}, Init::constant(0)); }
  };
  test::expect_error([] { Twice(); }, "\"a\"");
  test::expect_error([] { Dotted(); }, "\"a.b\"");
}

TEST(Module, FindsModulesByPathAndKind) {
  DeepNet net;
  EXPECT_EQ(net.get<Linear>("body.1.second").in_features, 4);
  EXPECT_EQ(&net.get(""), &net);
  test::expect_error([&] { net.get("body.1.third"); }, "\"third\"");
  test::expect_error([&] { net.get<BatchNorm2d>("body.1.second"); }, "expected a module of kind BatchNorm2d");
}

TEST(Module, StartsInTrainingModeAndSwitchesAsAWhole) {
  DeepNet net;
  const auto all = [&](bool training) {
    for (const NamedModule& entry : net.named_modules()) EXPECT_EQ(entry.module->is_training(), training) << entry.path;
  };
  all(true);
  net.eval();
  all(false);
  net.replace("fc", Sequential(Linear(4, 2), ReLU()));  // comes in training mode, and takes over that of its place
  net.fc = Linear(4, 3);
  all(false);
  net.train();
  all(true);
}

TEST(Module, BatchNormFollowsTheMode) {
  Sequential net{Conv2d(1, 2, 1), BatchNorm2d(2)};
  const Tensor x = rand({4, 1, 3, 3});
  net(x);
  EXPECT_EQ(net.state_dict()["1.num_batches_tracked"].value().item<std::int64_t>(), 1);
  net.eval();
  net(x);
  EXPECT_EQ(net.state_dict()["1.num_batches_tracked"].value().item<std::int64_t>(), 1);
}

TEST(Module, HooksSeeInputAndOutputUntilTheyAreRemoved) {
  DeepNet net;
  int calls = 0;
  const Tensor x = rand({2, 4});
  Tensor seen;
  const int number =
      net.register_forward_hook("body.1", [&](const Module& m, std::span<const Tensor> in, const Tensor& out) {
        EXPECT_EQ(m.path(), "body.1");
        ASSERT_EQ(in.size(), 1u);
        EXPECT_EQ(in[0].shape(), (Shape{2, 4}));
        seen = out;
        ++calls;
      });
  EXPECT_TRUE(net.has_hooks());
  net(x);
  EXPECT_EQ(calls, 1);
  EXPECT_TENSOR_EQ(seen, net.body(x));
  EXPECT_EQ(calls, 2);
  net.remove_forward_hook("body.1", number);
  net(x);
  EXPECT_EQ(calls, 2);
  EXPECT_FALSE(net.has_hooks());
  test::expect_error([&] { net.remove_forward_hook("body.1", number); }, "body.1");
  test::expect_error([&] { net.register_forward_hook("nose", {}); }, "nose");
}

TEST(Module, AHookMayRemoveItselfAndItsNumberIsNotGivenAgain) {
  DeepNet net;
  int first = 0, second = 0, number = -1;
  number = net.register_forward_hook("fc", [&](const Module&, std::span<const Tensor>, const Tensor&) {
    net.remove_forward_hook("fc", number);
    ++first;
  });
  net.register_forward_hook("fc", [&](const Module&, std::span<const Tensor>, const Tensor&) { ++second; });
  net(zeros({1, 4})), net(zeros({1, 4}));
  EXPECT_EQ(first, 1);
  EXPECT_EQ(second, 2);
  net.remove_forward_hook("fc", number + 1);
  EXPECT_GT(net.register_forward_hook("fc", [](const Module&, std::span<const Tensor>, const Tensor&) {}), number + 1);
}

}  // namespace
}  // namespace minnow::nn
