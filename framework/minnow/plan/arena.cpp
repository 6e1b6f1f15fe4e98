#include <algorithm>
#include <numeric>

#include <minnow/core/saturate.h>
#include <minnow/plan/arena.h>
#include <minnow/plan/micro_batches.h>

namespace minnow {
namespace {

constexpr std::int64_t kBufferAlignment = 64;

}  // namespace

Lifetimes lifetimes_of(const Graph& graph, std::span<const std::int64_t> bytes, std::span<const int> step_of_node,
                       int steps) {
  Lifetimes result;
  result.root.resize(graph.values.size());
  std::iota(result.root.begin(), result.root.end(), ValueId{0});
  for (const std::int64_t size : bytes) result.lives.push_back({size, steps, -1});
  const auto life_of = [&](ValueId id) -> Lifetime& { return result.lives[index_of(result.root[index_of(id)])]; };
  const auto touch = [&](ValueId id, int step) {
    life_of(id).first = std::min(life_of(id).first, step);
    life_of(id).last = std::max(life_of(id).last, step);
  };
  for (const ValueId input : graph.inputs) touch(input, 0);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node& node = graph.nodes[i];
    const int step = step_of_node[i];
    if (step < 0) {  // a reordered array may end in a block that is not full
      const ValueId source = node.inputs[0], view = node.outputs[0];
      life_of(source).bytes = std::max(life_of(source).bytes, bytes[index_of(view)]);
      result.root[index_of(view)] = result.root[index_of(source)];
      continue;
    }
    for (const ValueId output : node.outputs) touch(output, step);
    for (const ValueId input : node.inputs) touch(input, step);
    if (dynamic_cast<const CollectOp*>(node.op.get())) touch(node.outputs[0], 0);  // with what came from those before
  }
  for (const ValueId output : graph.outputs) touch(output, steps);
  return result;
}

void overwrite(Lifetimes& values, const Graph& graph, std::span<const ValueId> overwritten) {
  const auto root_of = [&](ValueId id) { return values.root[index_of(id)]; };
  const auto life_of = [&](ValueId id) -> Lifetime& { return values.lives[index_of(id)]; };
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    if (overwritten[i] < 0) continue;
    const Node& node = graph.nodes[i];
    const ValueId from = root_of(overwritten[i]), to = root_of(node.outputs[0]);
    if (graph[from].constant.defined() || std::ranges::count(graph.inputs, from, root_of) > 0) continue;
    if (std::ranges::count(node.inputs, from, root_of) > 1) continue;  // what is read in any order, too
    if (life_of(from).last != life_of(to).first) continue;
    life_of(from) = {std::max(life_of(from).bytes, life_of(to).bytes), life_of(from).first, life_of(to).last};
    life_of(to).last = -1;
    std::ranges::replace(values.root, to, from);
  }
}

ArenaLayout place(std::span<const Lifetime> buffers) {
  const auto at = [&](std::size_t i) { return buffers[i]; };
  const auto size = [&](std::size_t i) {
    return saturating_add(at(i).bytes, kBufferAlignment - 1) / kBufferAlignment * kBufferAlignment;
  };
  std::vector<std::size_t> order(buffers.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return size(a) > size(b); });

  ArenaLayout result{std::vector<std::int64_t>(buffers.size()), 0};
  std::vector<std::size_t> placed;  // by offset
  for (const std::size_t i : order) {
    std::int64_t end = 0, best = -1, tightest = 0;
    for (const std::size_t other : placed) {
      if (at(other).last < at(i).first || at(other).first > at(i).last) continue;
      const std::int64_t gap = result.offsets[other] - end;
      if (gap >= size(i) && (best < 0 || gap < tightest)) {
        best = end;
        tightest = gap;
      }
      end = std::max(end, saturating_add(result.offsets[other], size(other)));
    }
    result.offsets[i] = best < 0 ? end : best;
    result.bytes = std::max(result.bytes, saturating_add(result.offsets[i], size(i)));
    const auto behind = std::find_if(placed.begin(), placed.end(),
                                     [&](std::size_t other) { return result.offsets[other] > result.offsets[i]; });
    placed.insert(behind, i);
  }
  return result;
}

}  // namespace minnow
