#include <algorithm>

#include <minnow/plan/bands.h>

namespace minnow {
namespace {

constexpr std::int64_t kShareRows = 16;  // of a thread, at least: rows at its ends are computed by two
constexpr std::int64_t kLeastRows = 2;   // of a turn, at least
constexpr std::int64_t kMostWhole = 3;   // arrays of a band that are there as a whole, all at the same time

/// Gives the steps of a band their turns, for some rows of the last one.
class TurnTaker {
 public:
  TurnTaker(std::span<const Rowwise> steps, std::span<std::int64_t> window_rows, std::vector<Turn>& turns,
            std::size_t first)
      : steps_(steps),
        window_rows_(window_rows),
        turns_(turns),
        first_(first),
        next_row_(steps.size()),
        window_top_(next_row_) {}

  /// Rows [begin, end) of the last step, some of them at a time.
  void take_image(std::int64_t image, std::int64_t begin, std::int64_t end, std::int64_t rows) {
    image_ = image;
    const std::size_t last = steps_.size() - 1;
    next_row_[last] = begin;
    for (std::size_t step = last; step-- > 0;) {
      next_row_[step] = steps_[step].handed_on ? steps_[step + 1].reads_from(next_row_[step + 1]) : 0;
      window_top_[step] = next_row_[step];
    }
    for (std::int64_t row = begin; row < end; row += rows) compute(last, std::min(end, row + rows));
    for (std::size_t step = 0; step < last; ++step) {  // rows that nobody reads here
      if (!steps_[step].handed_on) compute(step, steps_[step].height);
    }
  }

 private:
  bool has_window(std::size_t step) const { return step + 1 < steps_.size() && steps_[step].handed_on; }

  /// Computes the rows of a step before `end`, and before them what they read.
  void compute(std::size_t step, std::int64_t end) {
    if (end <= next_row_[step]) return;
    if (step > 0) compute(step - 1, steps_[step].reads_until(end));
    for (std::size_t before = 0; before < step; ++before) {
      if (steps_[before].y == steps_[step].residual) compute(before, end);
    }
    Turn turn{.step = first_ + step, .image = image_};
    if (has_window(step) && !slide_window(step, end, turn)) return;
    turn.rows = {.first = next_row_[step],
                 .last = end,
                 .x_top = step > 0 ? window_top_[step - 1] : 0,
                 .x_rows = steps_[step].in_height,
                 .y_top = window_top_[step],
                 .y_rows = steps_[step].height};
    turns_.push_back(turn);
    next_row_[step] = end;
  }

  /// The rows that were computed and that the next step still wants move to the top of the window. False where no other
  /// is wanted before `end`: a stride may leave rows out.
  bool slide_window(std::size_t step, std::int64_t end, Turn& turn) {
    const std::int64_t wanted = steps_[step + 1].reads_from(next_row_[step + 1]);
    next_row_[step] = std::max(next_row_[step], wanted);
    if (end <= next_row_[step]) return false;
    turn.kept = next_row_[step] - wanted;
    turn.kept_from = turn.kept > 0 ? wanted - window_top_[step] : 0;
    window_top_[step] = wanted;
    window_rows_[step] = std::max(window_rows_[step], end - wanted);
    return true;
  }

  const std::span<const Rowwise> steps_;  // of the band
  const std::span<std::int64_t> window_rows_;
  std::vector<Turn>& turns_;
  const std::size_t first_;
  std::vector<std::int64_t> next_row_, window_top_;  // of each step: to be computed next, and the first in its window
  std::int64_t image_ = 0;
};

/// What a band's steps hand on for so many rows of the last one.
std::int64_t bytes_handed_on(std::span<const Rowwise> steps, std::int64_t rows) {
  std::int64_t bytes = 0;
  for (std::size_t step = steps.size() - 1; step > 0; --step) {
    rows = std::min(steps[step].in_height, (rows - 1) * steps[step].stride + steps[step].reach);
    bytes += rows * steps[step - 1].row_bytes;
  }
  return bytes;
}

}  // namespace

std::int64_t Rowwise::reads_from(std::int64_t row) const {
  return std::clamp<std::int64_t>(row * stride - above, 0, in_height);
}

std::int64_t Rowwise::reads_until(std::int64_t end) const {
  return end > 0 ? std::clamp<std::int64_t>((end - 1) * stride - above + reach, 0, in_height) : 0;
}

std::vector<Band> bands_of(std::span<const Rowwise> steps, std::int64_t least_bytes, std::int64_t cache_bytes,
                           int threads, std::size_t cut) {
  const auto joined = [&](std::size_t i) {
    const Rowwise &from = steps[i - 1], &to = steps[i];
    return from.by_rows() && to.by_rows() && from.y == to.x && from.images == to.images &&
           from.height == to.in_height && from.height * from.row_bytes > least_bytes &&
           (threads == 1 || (from.handed_on && to.images * to.height >= threads * kShareRows));
  };
  std::vector<Band> bands;
  for (std::size_t i = 1; i < steps.size(); ++i) {
    if (i == cut || !joined(i)) continue;
    const bool goes_on = !bands.empty() && bands.back().last == i;
    const std::size_t first = goes_on ? bands.back().first : i - 1;
    if (bytes_handed_on(steps.subspan(first, i + 1 - first), std::min(kLeastRows, steps[i].height)) > cache_bytes)
      continue;
    if (std::ranges::count(steps.subspan(first, i - first), false, &Rowwise::handed_on) > kMostWhole) continue;
    if (!goes_on) bands.push_back({i - 1, i});
    bands.back().last = i + 1;
  }
  return bands;
}

BandTurns turns_of(std::span<const Rowwise> steps, const Band& band, std::int64_t cache_bytes, int threads) {
  const auto own = steps.subspan(band.first, band.last - band.first);
  const std::int64_t height = own.back().height, all = own.back().images * height;
  std::int64_t rows = 1;
  while (rows < height && bytes_handed_on(own, rows + 1) <= cache_bytes) ++rows;
  BandTurns turns{.of_thread = std::vector<std::vector<Turn>>(static_cast<std::size_t>(threads)),
                  .window_rows = std::vector<std::int64_t>(own.size())};
  for (int thread = 0; thread < threads; ++thread) {
    TurnTaker taker(own, turns.window_rows, turns.of_thread[static_cast<std::size_t>(thread)], band.first);
    const std::int64_t end = (thread + 1) * all / threads;
    for (std::int64_t row = thread * all / threads; row < end;) {
      const std::int64_t image = row / height, next = std::min(end, (image + 1) * height);
      taker.take_image(image, row - image * height, next - image * height, rows);
      row = next;
    }
  }
  for (auto& of_thread : turns.of_thread) {
    for (Turn& turn : of_thread) {
      const std::size_t step = turn.step - band.first;
      if (turns.window_rows[step] > 0) turn.rows.y_rows = turns.window_rows[step];
      if (step > 0 && turns.window_rows[step - 1] > 0) turn.rows.x_rows = turns.window_rows[step - 1];
    }
  }
  return turns;
}

void outlive(std::span<Lifetime> lives, std::span<const Band> bands) {
  for (Lifetime& life : lives) {
    for (const Band& band : bands) {
      const int first = static_cast<int>(band.first), last = static_cast<int>(band.last) - 1;
      if (life.last < first || life.first > last) continue;
      life.first = std::min(life.first, first);
      life.last = std::max(life.last, last);
    }
  }
}

}  // namespace minnow
