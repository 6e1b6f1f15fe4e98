#pragma once

#include <memory>

#include <minnow/plan/lowered.h>
#include <minnow/plan/packed_weights.h>
#include <minnow/plan/step.h>

namespace minnow {

/// What binding a node needs to know.
struct BindContext {
  const Lowered& lowered;
  PackedWeights& weights;
  Packing& packing;
};

/// Each makes the step of node `number`, or null where it is not its kind.
std::unique_ptr<Step> make_conv_step(const BindContext& context, std::size_t number);
std::unique_ptr<Step> make_pool_step(const BindContext& context, std::size_t number);
std::unique_ptr<Step> make_collect_step(const BindContext& context, std::size_t number);
/// Takes every node: the op's own evaluation, on the arrays as they lie.
std::unique_ptr<Step> make_eager_step(const BindContext& context, std::size_t number);

/// The first of these that takes the node.
std::unique_ptr<Step> make_step(const BindContext& context, std::size_t number);

}  // namespace minnow
