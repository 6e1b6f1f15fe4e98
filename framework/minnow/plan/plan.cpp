#include <algorithm>
#include <chrono>
#include <cstring>

#include <minnow/core/error.h>
#include <minnow/core/saturate.h>
#include <minnow/core/threads.h>
#include <minnow/plan/bands.h>
#include <minnow/plan/memory.h>
#include <minnow/plan/plan.h>
#include <minnow/plan/step.h>

// How a plan runs; bind.cpp makes it.
namespace minnow {
namespace {

// Calls f(), whose time is added to the step's, if there are any.
void timed(std::span<double> seconds, std::size_t step, const auto& f) {
  if (seconds.empty()) return f();
  const auto start = std::chrono::steady_clock::now();
  f();
  seconds[step] += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

Plan::~Plan() = default;

std::int64_t Plan::arena_bytes() const {
  return saturating_add(buffer_bytes_, saturating_mul(scratch_stride_, workers_));
}

std::unique_ptr<Frame> Plan::make_frame() const {
  auto frame = std::make_unique<Frame>();
  frame->memory = allocate_pages(arena_bytes());
  frame->scratch = frame->memory.get() + buffer_bytes_;
  frame->scratch_stride = scratch_stride_;
  frame->workers = workers_;
  frame->windows = &windows_;
  for (const Location& location : locations_) {
    switch (location.kind) {
      case Location::Kind::arena:
        frame->pointers.push_back(frame->memory.get() + location.offset);
        break;
      case Location::Kind::input:
        frame->pointers.push_back(nullptr);
        break;
      case Location::Kind::constant:
        frame->pointers.push_back(location.constant.storage().get());
        break;
    }
  }
  for (const auto& step : steps_) step->bind(*frame);
  return frame;
}

/// A frame of the pool, for the time of one call. Waits while as many calls are running as there may be frames.
class Plan::FrameInUse {
 public:
  explicit FrameInUse(const Plan& plan) : plan_(plan) {
    std::unique_lock lock(plan.mutex_);
    const int most = std::max(2, num_threads());
    plan.returned_.wait(lock, [&] { return !plan.idle_.empty() || plan.frames_ < most; });
    if (!plan.idle_.empty()) {
      frame_ = std::move(plan.idle_.back());
      plan.idle_.pop_back();
      return;
    }
    plan.idle_.reserve(static_cast<std::size_t>(plan.frames_) + 1);  // so that giving back allocates nothing
    frame_ = plan.make_frame();
    made_ = true;
    ++plan.frames_;
  }
  ~FrameInUse() {
    {
      const std::lock_guard lock(plan_.mutex_);
      plan_.idle_.push_back(std::move(frame_));
    }
    plan_.returned_.notify_one();
  }
  FrameInUse(const FrameInUse&) = delete;
  FrameInUse& operator=(const FrameInUse&) = delete;

  Frame& operator*() { return *frame_; }
  /// After the steps: a new frame's pages exist now.
  void gather_pages() const {
    if (made_) gather(frame_->memory.get(), plan_.arena_bytes());
  }

 private:
  const Plan& plan_;
  std::unique_ptr<Frame> frame_;
  bool made_ = false;  // for this call
};

void Plan::take_inputs(Frame& frame, std::span<const Tensor> inputs) const {
  const auto image_bytes = [&](std::size_t i) { return inputs[i].nbytes() / batch_; };
  const auto part = [&](std::size_t i) { return inputs[i].storage().get() + frame.image * image_bytes(i); };
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (!inputs_[i].copied) continue;
    std::memcpy(frame.at(inputs_[i].id), part(i), static_cast<std::size_t>(images_ * image_bytes(i)));
  }
  for (std::size_t value = 0; value < locations_.size(); ++value) {
    if (locations_[value].kind == Location::Kind::input) frame.pointers[value] = part(locations_[value].index);
  }
}

void Plan::run_step(Frame& frame, std::size_t step, std::span<double> seconds) const {
  timed(seconds, step, [&] { steps_[step]->run(frame); });
}

void Plan::run_band(Frame& frame, std::size_t band, std::span<double> seconds) const {
  const auto& turns = turns_[band].of_thread;
  std::mutex mutex;
  std::vector<double> all(seconds.size());
  int workers = 0;  // that take part
  parallel_for_workers(std::ssize(turns), 1, frame.workers, [&](int worker, std::int64_t first, std::int64_t last) {
    std::vector<double> own(seconds.size());
    for (std::int64_t thread = first; thread < last; ++thread) {
      for (const Turn& turn : turns[static_cast<std::size_t>(thread)]) {
        timed(own, turn.step, [&] { steps_[turn.step]->run_rows(frame, turn, worker); });
      }
    }
    const std::lock_guard lock(mutex);
    ++workers;
    for (std::size_t i = 0; i < own.size(); ++i) all[i] += own[i];
  });
  for (std::size_t i = 0; i < all.size(); ++i) seconds[i] += all[i] / workers;
}

void Plan::run_steps(Frame& frame, std::size_t first, std::size_t last, std::span<double> seconds) const {
  auto band = std::ranges::find_if(bands_, [&](const Band& other) { return other.first >= first; });
  for (std::size_t step = first; step < last;) {
    if (steps_[step]->calls_user_code()) {
      run_step(frame, step++, seconds);
      continue;
    }
    with_team(team_, [&] {
      while (step < last && !steps_[step]->calls_user_code()) {
        if (band == bands_.end() || band->first > step) {
          run_step(frame, step++, seconds);
          continue;
        }
        run_band(frame, static_cast<std::size_t>(band - bands_.begin()), seconds);
        step = band->last;
        ++band;
      }
    });
  }
}

void detail::expect_values(std::span<const Tensor> inputs) {
  for (const Tensor& input : inputs) {
    if (input.is_symbolic()) fail("a compiled model cannot be traced or summarised: call the model itself there");
  }
}

std::vector<Tensor> Plan::run(std::span<const Tensor> inputs, std::span<double> seconds) const {
  if (!seconds.empty() && seconds.size() != steps_.size()) {
    fail("the plan has ", steps_.size(), " steps, got room for the seconds of ", seconds.size());
  }
  if (inputs.size() != inputs_.size()) fail("the plan takes ", inputs_.size(), " inputs, got ", inputs.size());
  detail::expect_values(inputs);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const TensorSpec given(inputs[i].shape(), inputs[i].dtype());
    if (given != inputs_[i].spec) {
      const std::string which = inputs.size() > 1 ? str(i, ", ") : "";
      fail("the plan was made for an input ", which, inputs_[i].spec, ", got ", given);
    }
  }
  FrameInUse in_use(*this);
  Frame& frame = *in_use;
  for (std::int64_t done = 0; done < batch_; done += images_) {
    frame.image = std::min(done, batch_ - images_);
    take_inputs(frame, inputs);
    run_steps(frame, 0, repeated_, seconds);
  }
  run_steps(frame, repeated_, steps_.size(), seconds);
  in_use.gather_pages();
  std::vector<Tensor> outputs;
  outputs.reserve(outputs_.size());
  for (const auto& [id, spec] : outputs_) {
    outputs.push_back(empty(spec.shape, spec.dtype));
    std::memcpy(outputs.back().storage().get(), frame.at(id), static_cast<std::size_t>(outputs.back().nbytes()));
  }
  return outputs;
}

}  // namespace minnow
