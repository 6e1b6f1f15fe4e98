#include <gmock/gmock.h>

#include <string>
#include <vector>

#include <minnow/ops/binary.h>
#include <minnow/ops/op.h>
#include <minnow/ops/unary.h>

#include "support.h"

namespace minnow {
namespace {

using testing::ElementsAre, testing::IsEmpty;

// Writes down what it is handed and evaluates it.
struct Witness : Listener {
  std::vector<std::string> heard = {};

  std::vector<Tensor> apply(const std::shared_ptr<const Op>& op, std::span<const Tensor> inputs) override {
    heard.emplace_back(op->name());
    return evaluate(*op, inputs);
  }
};

TEST(Op, TheInnermostListenerIsAskedWhileItLives) {
  Witness outer, inner;
  const Tensor x = ones({2});
  const ListenerScope scope(&outer);
  relu(x);
  {
    const ListenerScope nested(&inner);
    EXPECT_EQ(current_listener(), &inner);
    EXPECT_TENSOR_EQ(x + x, full({2}, 2.0));
    {
      const ListenerScope nobody(nullptr);
      sigmoid(x);
    }
  }
  EXPECT_EQ(current_listener(), &outer);
  relu(x);
  EXPECT_THAT(outer.heard, ElementsAre("relu", "relu"));
  EXPECT_THAT(inner.heard, ElementsAre("add"));
}

TEST(Op, AnUndefinedInputIsAnErrorBeforeAnybodyListens) {
  Witness witness;
  const ListenerScope scope(&witness);
  test::expect_error([] { relu(Tensor()); }, "relu: an input is an undefined tensor");
  test::expect_error([] { ones({2}) + Tensor(); }, "add: an input is an undefined tensor");
  EXPECT_THAT(witness.heard, IsEmpty());
}

}  // namespace
}  // namespace minnow
