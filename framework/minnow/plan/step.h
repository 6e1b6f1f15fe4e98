#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <minnow/core/tensor.h>
#include <minnow/graph/graph.h>
#include <minnow/plan/bands.h>

namespace minnow {

class Step;

/// The memory of one running call of a plan.
struct Frame {
  std::shared_ptr<std::byte> memory;  // what the others point into
  std::vector<std::byte*> pointers;   // to each value
  std::byte* scratch = nullptr;       // scratch_stride bytes for each worker
  std::int64_t scratch_stride = 0;
  int workers = 1;
  std::int64_t image = 0;                         // of the batch, with which the micro-batch begins
  const std::vector<std::int64_t>* windows = {};  // bytes of each value's windows, one for each worker, if it has any

  struct Arguments {
    std::vector<Tensor> inputs, outputs;
  };
  std::map<const Step*, Arguments> arguments;  // of the steps that evaluate an op, made once

  template <class T = std::byte>
  T* at(ValueId id) const {
    return reinterpret_cast<T*>(pointers[index_of(id)]);
  }
  /// Where a worker finds an image of a value: in its window, or with all others.
  template <class T = std::byte>
  T* at(ValueId id, int worker, std::int64_t number, std::int64_t image_bytes) const {
    const std::int64_t window = (*windows)[index_of(id)];
    return reinterpret_cast<T*>(at(id) + (window > 0 ? worker * window : number * image_bytes));
  }
  std::byte* scratch_of(int worker) const { return scratch + worker * scratch_stride; }
};

/// One thing that a plan does: a node, bound to a kernel and to places in the arena.
class Step {
 public:
  virtual ~Step() = default;

  /// Computes the output, with all workers.
  virtual void run(Frame& frame) const = 0;
  /// How the step may compute some rows at a time, and does so, with one worker.
  virtual Rowwise rowwise() const { return {}; }
  virtual void run_rows(Frame&, const Turn&, int /*worker*/) const {}
  /// The name of what computes it: "winograd4", "eager".
  virtual std::string algorithm() const = 0;
  /// Scratch memory for each worker.
  virtual std::int64_t scratch_bytes() const { return 0; }
  /// Prepares a new frame.
  virtual void bind(Frame&) const {}
  /// Whether the step calls code of the user's own, which may want threads of its own as well.
  virtual bool calls_user_code() const { return false; }
  /// The input whose memory the output may take, or -1: each of its elements is read once, by the thread that then
  /// writes one to its place, once.
  virtual ValueId overwrites() const { return -1; }
  /// Whether the step reads graph inputs where they are. Others get a copy in the arena.
  virtual bool reads_anywhere() const { return true; }
};

}  // namespace minnow
