#include <gmock/gmock.h>

#include <minnow/nn/linear.h>
#include <minnow/nn/relu.h>
#include <minnow/nn/sequential.h>
#include <minnow/ops/binary.h>

#include "nn/deep_net.h"
#include "support.h"

namespace minnow::nn {
namespace {

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
  const auto moved = "a module is used that has been moved elsewhere";
  test::expect_error([&] { from(rand({1, 4})); }, moved);
  test::expect_error([&] { (void)from.fc->bias; }, moved);
  test::expect_error([&] { from.fc = Linear(4, 3); }, moved);
  EXPECT_TRUE(from.children().empty());
}

TEST(Module, RefusesToStandBelowItself) {
  Chain chain;
  chain.append(Chain());
  Chain& next = chain.get<Chain>("next");
  test::expect_error([&] { next = std::move(chain); }, "Chain: cannot be assigned a module that it stands in");
  EXPECT_EQ(chain.get("next").path(), "next");  // nothing has moved
  const Child<Module> place = chain.links[0];
  test::expect_error([&] { chain.replace("next", Sequential(std::move(chain))); }, "there is no module \"next\"");

  struct Holder : Module {
    Child<Sequential> body = add("body", Sequential());
  };
  Holder holder;
  Child<Sequential> body = holder.body;
  test::expect_error([&] { body = Sequential(std::move(holder)); }, "a module cannot stand below itself");
}

TEST(Module, IsAssignedWhileOthersHoldHandlesToWhatItHeld) {
  struct Reaching : Module {
    Child<TwoLayers> body = add("body", TwoLayers());
    Child<Linear> inner = body->first;
    Tensor forward(const Tensor& x) const override { return body(x) + inner(x); }
  };
  Reaching a, b;
  for (const NamedParameter& entry : b.named_parameters()) entry.parameter.assign(ones(entry.parameter.shape()));
  const Tensor x = rand({1, 4}), y = b(x);
  const Child<TwoLayers> kept = a.body;
  a = std::move(b);
  EXPECT_TENSOR_EQ(a(x), y);
  EXPECT_EQ(kept(x).shape(), x.shape());
}

TEST(Module, FromBelowKeepsWhatItSharesWithItsFormerSiblings) {
  struct Tower : Module {
    Child<Linear> shared;
    std::vector<Child<Module>> inner;
    explicit Tower(Linear linear) : shared(add("shared", std::move(linear))) {}
    explicit Tower(const Child<Linear>& other) : shared(other) {}
    void append(AnyModule module) { inner.push_back(add("inner", std::move(module))); }
    Tensor forward(const Tensor& x) const override { return inner.empty() ? shared(x) : inner[0](x); }
  };
  Tower tower{Linear(3, 3)};
  tower.append(Tower(tower.shared));
  const Tensor x = rand({2, 3}), y = tower(x);
  tower = std::move(tower.get<Tower>("inner"));
  EXPECT_TENSOR_EQ(tower(x), y);
}

struct Doubled : Linear {
  using Linear::Linear;
  Tensor forward(const Tensor& x) const override { return Linear::forward(x) * 2.0; }
};

TEST(Module, StaysWhatItIsWhereAKindThatItDerivesFromIsWanted) {
  struct Net : Module {
    Child<Linear> head = add("head", Linear(3, 3));
    Child<Module> tail = add("tail", AnyModule(Linear(3, 2)));
    Tensor forward(const Tensor& x) const override { return tail(head(x)); }
  };
  Net net;
  Doubled twice(3, 3);
  const Tensor x = rand({2, 3}), y = twice(x);
  net.head = std::move(twice);
  net.tail = Linear(3, 4);
  EXPECT_EQ(net.get("head").kind(), "Doubled");
  EXPECT_TENSOR_EQ(net.head(x), y);
  EXPECT_EQ(net(x).shape(), (Shape{2, 4}));
}

TEST(Module, RefusesToBeMovedAsLessThanItIs) {
  Sequential net(Linear(2, 2), ReLU());
  const std::string expected = "0: a Linear that is moved as a Module would lose the rest of it; move it as what it is";
  test::expect_error([&] { Sequential other(std::move(net.get("0"))); }, expected);
  test::expect_error([&] { net.replace("1", std::move(net[0])); }, expected);
  Linear once(2, 2);
  test::expect_error([&] { once = Doubled(2, 2); }, "expected a module of kind Linear, got a Doubled");
  EXPECT_EQ(net(ones({1, 2})).shape(), (Shape{1, 2}));  // nothing is lost
}

TEST(Module, RefusesTheParameterOfAnotherModule) {
  DeepNet a, b;
  test::expect_error([&] { a.scale = std::move(b.scale); },
                     "scale: a parameter is given values, not another parameter: scale = other.value()");
  Parameter handle = a.scale;
  handle = Parameter(b.scale);  // no member: it may name another
  handle.assign(tensor({7}));
  EXPECT_TENSOR_EQ(b.scale.value(), tensor({7}));
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

}  // namespace
}  // namespace minnow::nn
