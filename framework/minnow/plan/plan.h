#pragma once

#include <condition_variable>
#include <iosfwd>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include <minnow/core/export.h>
#include <minnow/graph/graph.h>
#include <minnow/plan/measured.h>
#include <minnow/plan/options.h>

namespace minnow {

class PackedWeights;
class Step;
struct Frame;
struct Lifetimes;
struct Band;
struct BandTurns;
struct Lowered;

/// What a plan does in one step, to be read.
struct StepInfo {
  std::string path;       // of the module; of the second convolution in it "conv#2", and so on
  std::string op;         // with its attributes: "conv2d stride=(2, 2) +scale +shift +clamp(0, inf)"
  std::string algorithm;  // "direct", "winograd4", "eager"
  Shape output;
  std::string format;              // how the output lies in memory
  std::int64_t offset = 0;         // of the output in the arena, -1 where it is not there
  std::int64_t multiply_adds = 0;  // as direct convolution would take
  std::vector<Measured> measured;  // of a convolution in a tuned plan that had a choice, fastest first
};

/// A graph bound to kernels and to places in an arena, for inputs of one shape. Immutable: several threads may run it
/// at once, each with an arena of a bounded pool. After the first calls `run` allocates nothing but its results, and
/// what an op that runs eagerly needs for itself (interpolate, topk, matmul, a linear layer of higher rank, a
/// convolution whose weight is computed).
class MINNOW_API Plan {
 public:
  Plan(Graph graph, const PlanOptions& options, PackedWeights& weights);
  ~Plan();
  Plan(const Plan&) = delete;
  Plan& operator=(const Plan&) = delete;

  /// The graph's outputs for inputs of the shapes it was made for. Throws for others. With `seconds`, as many as there
  /// are steps(), adds the time that each took.
  std::vector<Tensor> run(std::span<const Tensor> inputs, std::span<double> seconds = {}) const;

  /// One arena, with the scratch memory of all threads.
  std::int64_t arena_bytes() const;
  const std::vector<StepInfo>& steps() const { return infos_; }
  /// The algorithm of each convolution and linear layer, by path: given as PlanOptions::algorithms, another plan for
  /// inputs of these shapes computes the same bits with the same instruction set on the same kind of core (describe).
  const std::map<std::string, std::string>& algorithms() const { return algorithms_; }
  /// The steps as a table: algorithm, shape, place in the arena; what was measured, if the plan was tuned; and what
  /// the results depend on.
  std::string describe() const;

 private:
  class FrameInUse;

  void bind(const Lowered& lowered, const PlanOptions& options, PackedWeights& weights);
  /// Puts steps in bands, whose windows take the place of the arrays between them.
  void make_bands(Lifetimes& values);
  /// Lets outputs take the memory of residuals that nobody else wants, which saves caches an array.
  void overwrite_inputs(const Graph& graph, const std::vector<int>& step_of_node, Lifetimes& values) const;
  /// Decides which inputs are copied into the arena: they are read where the caller has them, unless a step wants them
  /// there or reads beyond their end.
  void copy_inputs(const Graph& graph, const std::vector<int>& step_of_node, const Lifetimes& values,
                   std::span<const std::int64_t> bytes);
  /// Gives each value its place.
  void locate(const Graph& graph, const Lifetimes& values, bool reuse_memory);
  void place_buffers(const Lowered& lowered, const std::vector<int>& step_of_node, const PlanOptions& options);
  std::unique_ptr<Frame> make_frame() const;
  /// Points a frame to its micro-batch of the inputs, or copies that there.
  void take_inputs(Frame& frame, std::span<const Tensor> inputs) const;
  /// Runs steps [first, last).
  void run_steps(Frame& frame, std::size_t first, std::size_t last, std::span<double> seconds) const;
  void run_step(Frame& frame, std::size_t step, std::span<double> seconds) const;
  void run_band(Frame& frame, std::size_t band, std::span<double> seconds) const;

  // Where a value is: in the arena, in the memory of input number `index`, or a constant.
  struct Location {
    enum class Kind { arena, input, constant } kind = Kind::arena;
    std::int64_t offset = 0;
    std::size_t index = 0;
    Tensor constant{};
  };
  struct Input {
    TensorSpec spec;
    ValueId id;
    bool copied = false;  // into the arena
  };

  std::vector<std::unique_ptr<Step>> steps_;
  std::vector<Band> bands_;
  std::vector<BandTurns> turns_;         // of each band
  std::vector<std::int64_t> windows_;    // bytes of each value's windows, one for each worker, where it has any
  std::size_t repeated_ = 0;             // the first steps, which run once for each micro-batch
  std::int64_t images_ = 1, batch_ = 1;  // of a micro-batch, of all; 1 where the batch is not cut
  std::vector<StepInfo> infos_;
  std::map<std::string, std::string> algorithms_;
  std::vector<Location> locations_;  // of each value
  std::vector<Input> inputs_;
  std::vector<std::pair<ValueId, TensorSpec>> outputs_;
  std::int64_t buffer_bytes_ = 0, scratch_stride_ = 0;
  int workers_ = 1;
  int team_ = 1;  // the threads that share all steps: one where waking others takes longer than these do

  mutable std::mutex mutex_;
  mutable std::condition_variable returned_;
  mutable std::vector<std::unique_ptr<Frame>> idle_;
  mutable int frames_ = 0;
};

namespace detail {
/// Throws where an input is symbolic, since whoever gave it traces a model that calls a plan.
void expect_values(std::span<const Tensor> inputs);
}  // namespace detail

/// Plan::describe.
MINNOW_API std::ostream& operator<<(std::ostream& out, const Plan& plan);

}  // namespace minnow
