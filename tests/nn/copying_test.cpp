#include <gtest/gtest.h>

#include <map>

#include <minnow/nn/linear.h>
#include <minnow/nn/relu.h>
#include <minnow/nn/sequential.h>
#include <minnow/ops/binary.h>

#include "support.h"

namespace minnow::nn {
namespace {

struct Block : Module {
  Parameter scale = parameter("scale", {1}, Init::constant(1.0f));
  Child<Linear> fc = add("fc", Linear(3, 3));
  Tensor forward(const Tensor& x) const override { return fc(x) * scale; }
};

struct CopiedNet : Module {
  Child<Sequential> body = add("body", Sequential(Block(), ReLU(), [](const Tensor& x) { return x + 1.0; }));
  Child<Block> head = add("head", Block());
  int plain = 7;
  std::map<std::string, int> own = {{"a", 1}};
  Tensor forward(const Tensor& x) const override { return head(body(x)); }
};

TEST(Clone, ComputesTheSame) {
  CopiedNet net;
  net.plain = 8;
  net.own["b"] = 2;
  const Tensor x = rand({4, 3}), y = net(x);
  const CopiedNet copy = clone(net);
  EXPECT_TENSOR_EQ(copy(x), y);
  EXPECT_EQ(copy.plain, 8);
  EXPECT_EQ(copy.own, net.own);
}

TEST(Clone, IsIndependentOfItsOriginalBothWays) {
  CopiedNet net;
  const Tensor x = rand({4, 3}), y = net(x);
  CopiedNet copy = clone(net);
  copy.head->scale = tensor({5});                            // through handles that the copy holds
  copy.get<Block>("body.0").fc->bias.value().span()[0] = 9;  // and in the elements
  EXPECT_TENSOR_EQ(net(x), y);
  const Tensor z = copy(x);
  net.head->scale = tensor({3});
  for (const NamedParameter& entry : net.named_parameters()) entry.parameter.value().span()[0] = 1;
  net.replace("head.fc", Linear(3, 9));
  EXPECT_TENSOR_EQ(copy(x), z);
}

TEST(Clone, SharesNoElementWithItsOriginal) {
  CopiedNet net;
  net(zeros({1, 3}));
  const CopiedNet copy = clone(net);
  const StateDict a = net.state_dict(), b = copy.state_dict();
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].name, b[i].name);
    EXPECT_NE(a[i].parameter.value().data(), b[i].parameter.value().data()) << a[i].name;
  }
}

TEST(Clone, DrawsTheSameValuesAsItsOriginalWould) {
  const CopiedNet net;
  const CopiedNet copy = clone(net);
  EXPECT_FALSE(copy.state_dict()["head.fc.weight"].has_value());
  const Tensor x = rand({4, 3});
  EXPECT_TENSOR_EQ(copy(x), net(x));
}

TEST(Clone, HandlesReachFarBelow) {
  struct Reaching : Module {
    Child<Sequential> body = add("body", Sequential(Block(), ReLU()));
    Parameter weight = body->get<Linear>("0.fc").weight;
    Tensor forward(const Tensor& x) const override { return body(x) * weight.value().at({0, 0}); }
  };
  Reaching net;
  const Tensor x = rand({4, 3}), y = net(x);
  Reaching copy = clone(net);
  copy.weight = zeros({3, 3});
  EXPECT_TENSOR_EQ(copy.state_dict()["body.0.fc.weight"].value(), zeros({3, 3}));
  EXPECT_TENSOR_EQ(net(x), y);
}

TEST(Clone, HandlesReachWhatIsCopiedAfterThem) {
  struct Borrower : Module {
    Child<Linear> fc;
    Parameter bias;
    explicit Borrower(const Block& owner) : fc(owner.fc), bias(owner.fc->bias) {}
    Tensor forward(const Tensor& x) const override { return fc(x) + bias; }
  };
  struct Tied : Module {
    Child<Borrower> first;
    Child<Block> second;
    explicit Tied(Block block = Block())
        : first(add("first", Borrower(block))), second(add("second", std::move(block))) {}
    Tensor forward(const Tensor& x) const override { return second(first(x)); }
  };
  Tied net;
  const Tensor x = rand({2, 3}), y = net(x);
  const Tied copy = clone(net);
  EXPECT_EQ(&*copy.first->fc, &*copy.second->fc);
  EXPECT_EQ(copy.first->bias.value().data(), copy.second->fc->bias.value().data());
  net.second->fc = Linear(3, 3, {.bias = false});
  EXPECT_TENSOR_EQ(copy(x), y);

  const Borrower alone = clone(*copy.first);  // what stands elsewhere is shared
  EXPECT_EQ(&*alone.fc, &*copy.second->fc);
}

TEST(Clone, KeepsModeHooksAndReplacements) {
  CopiedNet net;
  net.eval();
  net.replace("head", Linear(3, 2));
  int calls = 0;
  net.register_forward_hook("head", [&](const Module&, std::span<const Tensor>, const Tensor&) { ++calls; });
  const CopiedNet copy = clone(net);
  EXPECT_FALSE(copy.get("body.0.fc").is_training());
  EXPECT_EQ(copy(zeros({1, 3})).shape(), (Shape{1, 2}));
  EXPECT_EQ(calls, 1);
}

TEST(Clone, CopiesModulesOfKindsKnownAtRunTime) {
  const AnyModule any = CopiedNet();
  const AnyModule copy = clone(any);
  const Tensor x = rand({2, 3});
  EXPECT_TENSOR_EQ(copy(x), any(x));
  EXPECT_NE(&*copy, &*any);
}

TEST(Clone, APartOfAModelBecomesAModelOfItsOwn) {
  const CopiedNet net;
  const Block head = clone(*net.head);
  EXPECT_EQ(head.fc->path(), "fc");
  EXPECT_EQ(head.path(), "");
}

TEST(Clone, OfAPartDrawsWhatTheModelWouldDraw) {
  const CopiedNet net;
  const Block head = clone(*net.head);
  EXPECT_TENSOR_EQ(head.fc->weight.value(), net.head->fc->weight.value());
}

TEST(Clone, WithinACloneHasCopiesOfItsOwn) {
  struct Averaged : Module {
    Child<Block> net = add("net", Block());
    Block average;
    Averaged() = default;
    Averaged(Averaged&&) = default;
    Averaged& operator=(Averaged&&) = default;
    Averaged(const Averaged& other) : Module(other), net(other.net), average(clone(*other.net)) {}
    Tensor forward(const Tensor& x) const override { return net(x) - average(x); }
  };
  const Averaged copy = clone(Averaged());
  EXPECT_NE(&*copy.net->fc, &*copy.average.fc);
  copy.net->scale.assign(tensor({5}));
  EXPECT_TENSOR_EQ(copy.average.scale.value(), tensor({1}));
  EXPECT_EQ(copy.net->fc->path(), "net.fc");
  EXPECT_EQ(copy.average.fc->path(), "fc");

  struct Listing : Module {
    std::vector<Block> blocks;
    Listing() = default;
    Listing(Listing&&) = default;
    Listing& operator=(Listing&&) = default;
    Listing(const Listing& other) : Module(other) {
      for (int i = 0; i < 4; ++i) {  // at addresses that come again
        const auto block = std::make_unique<Block>();
        block->scale = full({1}, i);
        blocks.push_back(clone(*block));
      }
    }
  };
  const Listing listing = clone(Listing());
  for (int i = 0; i < 4; ++i) EXPECT_EQ(listing.blocks[static_cast<std::size_t>(i)].scale.value().item(), i);
}

TEST(Clone, ThatFailsLeavesNothingBehind) {
  CopiedNet net;
  const Block& old = *net.head;
  net.head = Block();
  test::expect_error([&] { (void)clone(old); }, "has been replaced by another");
  EXPECT_FALSE(Copying::active());
  const Block block;
  test::expect_error([&] { const Block copy(block); }, "clone");
}

TEST(Clone, RefusesToCopyAPartOfAModule) {
  struct Longer : Sequential {
    Longer() : Sequential(Linear(3, 3)) {}
  };
  const Longer longer;
  const Sequential& base = longer;
  test::expect_error([&] { (void)clone(base); }, "expected a module of kind Sequential, got a Longer");
}

TEST(Clone, RefusesReferencesToChildren) {
  struct WithReference : Module {
    Linear& fc = add("fc", Linear(3, 3));
    Tensor forward(const Tensor& x) const override { return fc(x); }
  };
  const AnyModule any = WithReference();
  test::expect_error([&] { (void)any.clone(); }, "WithReference cannot be cloned");
  const Sequential outer{WithReference(), ReLU()};
  test::expect_error([&] { (void)clone(outer); }, "WithReference cannot be cloned");
}

TEST(Clone, APlainCopyIsRefused) {
  struct Copyable : Module {
    Copyable() = default;
    Copyable(const Copyable& other) = default;
    Copyable(Copyable&&) = default;
    Copyable& operator=(Copyable&&) = default;
  };
  const Copyable original;
  test::expect_error([&] { const Copyable copy(original); }, "clone");
}

TEST(Clone, AMovedAnyModuleSaysSo) {
  AnyModule from = Block();
  const AnyModule to = std::move(from);
  const auto moved = "a module is used that has been moved elsewhere";
  test::expect_error([&] { (void)from(rand({1, 3})); }, moved);
  test::expect_error([&] { (void)from.clone(); }, moved);
  CopiedNet net;
  test::expect_error([&] { net.replace("head", std::move(from)); }, moved);
  EXPECT_EQ(net(rand({1, 3})).shape(), (Shape{1, 3}));
}

}  // namespace
}  // namespace minnow::nn
