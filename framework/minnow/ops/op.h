#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <minnow/core/export.h>
#include <minnow/core/tensor.h>

namespace minnow {

/// What is known of a tensor before it is computed. A shape alone means float32: `{1, 3}`, or `{{1, 3}, DType::int64}`.
struct TensorSpec {
  constexpr TensorSpec() = default;
  constexpr TensorSpec(const Shape& s, DType d = DType::float32) : shape(s), dtype(d) {}
  constexpr TensorSpec(std::initializer_list<std::int64_t> dims) : shape(dims) {}

  Shape shape;
  DType dtype = DType::float32;
  bool operator==(const TensorSpec&) const = default;

  /// [1, 3], or int64 [1, 3].
  friend std::ostream& operator<<(std::ostream& out, const TensorSpec& spec) {
    if (spec.dtype != DType::float32) out << spec.dtype << ' ';
    return out << spec.shape;
  }
};

/// One kind of computation with its attributes: its name, its shape rule and its eager evaluation. Immutable.
/// A free function (`conv2d(x, w, b)`) makes one and calls `apply`: that is the one door of all computation.
class MINNOW_API Op {
 public:
  virtual ~Op() = default;

  /// The name of the free function: "conv2d".
  virtual std::string_view name() const = 0;

  /// The attributes that differ from the defaults, as a reader would write them: "stride=2 padding=1".
  virtual std::string attributes() const { return {}; }

  /// The shape rule: checks the inputs, throws what is wrong with them, and says what comes out.
  virtual std::vector<TensorSpec> infer(std::span<const TensorSpec> inputs) const = 0;

  /// Computes into `outputs`, which have the shapes that `infer` gave and share no memory with the inputs.
  virtual void eval(std::span<const Tensor> inputs, std::span<Tensor> outputs) const = 0;

  /// The multiply-adds that one evaluation takes: what the field calls MACs. 0 for what is not counted by them.
  virtual std::int64_t multiply_adds(std::span<const TensorSpec> /*inputs*/) const { return 0; }

  /// Whether the one output is the first input under another shape: nothing is computed, the storage is shared.
  virtual bool is_view() const { return false; }
};

/// Runs `op` on `inputs`, or hands it to whoever listens on this thread. Every computation goes through here.
MINNOW_API std::vector<Tensor> apply(std::shared_ptr<const Op> op, std::span<const Tensor> inputs);

/// The same for an op of one output, made in place: apply<Conv2dOp>({x, w}, options).
template <class OpType, class... Args>
Tensor apply(std::initializer_list<Tensor> inputs, Args&&... args) {
  std::shared_ptr<const Op> op = std::make_shared<const OpType>(std::forward<Args>(args)...);
  return minnow::apply(std::move(op), std::span(inputs.begin(), inputs.size())).front();
}

/// Evaluates `op` now: infers, allocates the outputs and fills them. What `apply` does when nobody listens.
MINNOW_API std::vector<Tensor> evaluate(const Op& op, std::span<const Tensor> inputs);

/// Somebody who sees each op that is applied on a thread: a tracer, a tape.
class MINNOW_API Listener {
 public:
  virtual ~Listener() = default;
  virtual std::vector<Tensor> apply(const std::shared_ptr<const Op>& op, std::span<const Tensor> inputs) = 0;

  /// An assigning operator is about to give the memory of `x` other values.
  virtual void overwritten(const Tensor& /*x*/) {}

  /// Whether it looks at the values of parameters. One that only asks for shapes gets symbolic ones, and nothing is
  /// drawn.
  virtual bool wants_values() const { return true; }
};

/// While it lives, `listener` gets every op that this thread applies. Listeners nest; the innermost one is asked.
class MINNOW_API ListenerScope {
 public:
  explicit ListenerScope(Listener* listener);
  ~ListenerScope();
  ListenerScope(const ListenerScope&) = delete;
  ListenerScope& operator=(const ListenerScope&) = delete;

 private:
  Listener* outer_;
};

/// The listener of this thread, or null.
MINNOW_API Listener* current_listener();

}  // namespace minnow
