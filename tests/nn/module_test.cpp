#include <gmock/gmock.h>

#include <minnow/nn/batch_norm2d.h>
#include <minnow/nn/conv2d.h>
#include <minnow/nn/linear.h>
#include <minnow/nn/relu.h>
#include <minnow/nn/sequential.h>
#include <minnow/ops/binary.h>

#include "nn/deep_net.h"
#include "support.h"

namespace minnow::nn {
namespace {

using testing::ElementsAre, testing::HasSubstr;

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
  test::expect_error([&] { net.register_forward_hook("nose", [](const auto&...) {}); }, "nose");
  test::expect_error([&] { net.register_forward_hook("fc", {}); }, "register_forward_hook: the hook is empty");
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
