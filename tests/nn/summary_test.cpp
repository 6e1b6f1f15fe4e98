#include <gmock/gmock.h>

#include <minnow/nn/adaptive_avg_pool2d.h>
#include <minnow/nn/batch_norm2d.h>
#include <minnow/nn/conv2d.h>
#include <minnow/nn/dropout.h>
#include <minnow/nn/linear.h>
#include <minnow/nn/relu.h>
#include <minnow/nn/sequential.h>
#include <minnow/nn/summary.h>
#include <minnow/ops/binary.h>
#include <minnow/ops/index_select.h>

#include "support.h"

namespace minnow::nn {
namespace {

using testing::HasSubstr;

struct SummedNet : Module {
  Child<Conv2d> conv = add("conv", Conv2d(3, 8, 3, {.stride = 2, .padding = 1}));
  Child<BatchNorm2d> bn = add("bn", BatchNorm2d(8));
  Child<ReLU> act = add("act", ReLU());
  Child<Conv2d> same = add("same", Conv2d(8, 8, 3, {.padding = 1, .groups = 4, .bias = false}));
  Child<Dropout> dropout = add("dropout", Dropout(0.5));
  Child<AdaptiveAvgPool2d> avgpool = add("avgpool", AdaptiveAvgPool2d(1));
  Child<Linear> fc = add("fc", Linear(8, 10));

  Tensor forward(const Tensor& x) const override {
    Tensor y = act(bn(conv(x)));
    y = act(y + dropout(same(y)));
    y = avgpool(y);
    return fc(y.view({y.dim(0), -1}));
  }
};

const SummaryRow& row_of(const Summary& summary, const std::string& path, const std::string& kind) {
  for (const SummaryRow& row : summary.rows) {
    if (row.path == path && row.kind == kind) return row;
  }
  throw std::runtime_error("no row " + path + ' ' + kind);
}

TEST(Summary, HasShapeAndCostOfEachLayer) {
  const Summary s = summary(SummedNet(), {2, 3, 15, 9});
  const SummaryRow& conv = row_of(s, "conv", "Conv2d");
  EXPECT_EQ(conv.output, (Shape{2, 8, 8, 5}));
  EXPECT_EQ(conv.parameters, 8 * 3 * 9 + 8);
  EXPECT_EQ(conv.multiply_adds, 2 * 8 * 8 * 5 * 3 * 9);
  EXPECT_EQ(conv.bytes, 2 * 8 * 8 * 5 * 4);
  EXPECT_EQ(row_of(s, "same", "Conv2d").multiply_adds, 2 * 8 * 8 * 5 * (8 / 4) * 9);
  EXPECT_EQ(row_of(s, "bn", "BatchNorm2d").parameters, 16);
  EXPECT_EQ(row_of(s, "fc", "Linear").multiply_adds, 2 * 8 * 10);
  EXPECT_EQ(row_of(s, "fc", "Linear").output, (Shape{2, 10}));
  EXPECT_EQ(row_of(s, "dropout", "Dropout").bytes, 0);  // as in eval mode: it passes its input on
}

TEST(Summary, ShowsWhatACompositeComputesItself) {
  const Summary s = summary(SummedNet(), {1, 3, 8, 8});
  EXPECT_EQ(row_of(s, "", "add").output, (Shape{1, 8, 4, 4}));
  EXPECT_EQ(row_of(s, "", "view").bytes, 0);
}

TEST(Summary, KeepsTheOrderOfTheCallsAndCountsALayerOnce) {
  const Summary s = summary(SummedNet(), {1, 3, 8, 8});
  std::string order;
  for (const SummaryRow& row : s.rows) order += row.path.empty() ? row.kind + ' ' : row.path + ' ';
  EXPECT_EQ(order, "conv bn act same dropout add act avgpool view fc ");
  const auto twice = Sequential([fc = std::make_shared<Linear>(3, 3)](const Tensor& x) { return (*fc)((*fc)(x)); });
  EXPECT_EQ(summary(twice, {1, 3}).multiply_adds, 18);
}

TEST(Summary, AddsUp) {
  const SummedNet net;
  const Summary s = summary(net, {1, 3, 8, 8});
  std::int64_t parameters = 0, multiply_adds = 0, bytes = 0;
  for (const SummaryRow& row : s.rows) {
    parameters += row.parameters, multiply_adds += row.multiply_adds, bytes += row.bytes;
  }
  EXPECT_EQ(s.parameters, net.num_parameters());
  EXPECT_EQ(s.parameters, parameters);
  EXPECT_EQ(s.multiply_adds, multiply_adds);
  EXPECT_EQ(s.bytes, bytes);
  EXPECT_EQ(s.parameter_bytes, 4 * (net.num_parameters() + 16) + 8);  // running statistics, and their counter
}

TEST(Summary, DrawsNothingAndLeavesTheModeAlone) {
  const SummedNet net;
  (void)summary(net, {1, 3, 8, 8});
  for (const NamedParameter& entry : net.state_dict()) EXPECT_FALSE(entry.parameter.has_value()) << entry.name;
  EXPECT_TRUE(net.is_training());
}

TEST(Summary, ComputesNothing) {
  const Sequential wide{Conv2d(3, 4096, 1), ReLU(), Conv2d(4096, 4096, 3, {.padding = 1})};
  EXPECT_EQ(summary(wide, {100, 3, 10000, 10000}).multiply_adds, 10'000'000'000LL * 4096 * (3 + 4096 * 9));
}

TEST(Summary, LeavesValuesThatDoNotDependOnTheInput) {
  struct Lazy : Module {
    mutable Tensor grid;
    Tensor forward(const Tensor& x) const override {
      if (!grid.defined()) grid = arange(4) * 0.5;
      return x + grid;
    }
  };
  const Lazy lazy;
  EXPECT_EQ(summary(lazy, {1, 4}).rows.size(), 1u);
  EXPECT_TENSOR_EQ(lazy(zeros({1, 4})), tensor({{0.0f, 0.5f, 1.0f, 1.5f}}));
}

TEST(Summary, CountsParametersOfAComposite) {
  struct Scaled : Module {
    Parameter scale = parameter("scale", {4, 1, 1}, Init::constant(1.0f));
    Child<Conv2d> conv = add("conv", Conv2d(3, 4, 1));
    Tensor forward(const Tensor& x) const override { return conv(x) * scale; }
  };
  const Summary s = summary(Sequential(Scaled(), ReLU()), {1, 3, 2, 2});
  EXPECT_EQ(row_of(s, "0", "Scaled").parameters, 4);
  EXPECT_EQ(row_of(s, "0.conv", "Conv2d").parameters, 16);
}

TEST(Summary, OfSeveralInputs) {
  struct Picked : Module {
    Child<Linear> fc = add("fc", Linear(3, 4));
    Tensor forward(const Inputs& inputs) const override { return index_select(fc(inputs[0]), 0, inputs[1]); }
  };
  const Summary s = summary(Picked(), {{5, 3}, {{2}, DType::int64}});
  EXPECT_EQ(row_of(s, "", "index_select").output, (Shape{2, 4}));
  EXPECT_THAT(str(s), HasSubstr("input [5, 3], int64 [2]"));
  test::expect_error([] { (void)summary(Picked(), {5, 3}); }, "there is no input 1");
}

TEST(Summary, OfASingleLayer) {
  const Summary s = summary(Linear(3, 4), {5, 3});
  ASSERT_EQ(s.rows.size(), 1u);
  EXPECT_EQ(s.rows[0].path, "");
  EXPECT_EQ(s.rows[0].multiply_adds, 60);
}

TEST(Summary, ThrowsWhatTheCallWouldThrow) {
  test::expect_error([] { (void)summary(SummedNet(), {1, 4, 8, 8}); }, "conv: ");
  const Sequential looks{[](const Tensor& x) { return x * static_cast<double>(x.item()); }};
  test::expect_error([&] { (void)summary(looks, {1}); }, "0: ");
}

TEST(Summary, PrintsATable) {
  const std::string table = str(summary(SummedNet(), {1, 3, 224, 224}));
  EXPECT_THAT(table, HasSubstr("layer    kind               output                  parameters  multiply-adds"));
  EXPECT_THAT(table, HasSubstr("conv     Conv2d             [1, 8, 112, 112]               224      2,709,504"));
  EXPECT_THAT(table, HasSubstr("total                       input [1, 3, 224, 224]"));
}

TEST(Summary, CountsMoreBytesThanThereAreAsTheMost) {
  EXPECT_EQ(summary(ReLU(), {1LL << 31, 1LL << 30}).rows[0].bytes, std::numeric_limits<std::int64_t>::max());
}

TEST(Summary, CallsNoHooks) {
  Sequential net = Sequential::of(ReLU());
  float seen = 0;
  net.register_forward_hook("0",
                            [&](const Module&, std::span<const Tensor>, const Tensor& y) { seen = y.sum().item(); });
  EXPECT_EQ(summary(net, {1, 2}).rows.size(), 1u);
  EXPECT_EQ(seen, 0);
  net(ones({1, 2}));
  EXPECT_EQ(seen, 2);
}

}  // namespace
}  // namespace minnow::nn
