#include <algorithm>

#include <minnow/plan/bands.h>

namespace minnow {
namespace {

constexpr std::size_t kMostSteps = 4;  // of a band, during which all its arrays take memory

/// Gives the steps of a band their turns, of one image.
class TurnTaker {
 public:
  TurnTaker(std::span<const RowParts> steps, const Band& band, std::vector<Turn>& turns)
      : steps_(steps), band_(band), turns_(turns), done_(band.last - band.first) {}

  void take_image(std::int64_t image) {
    image_ = image;
    std::ranges::fill(done_, 0);
    const std::size_t end = band_.last - 1;
    for (std::int64_t parts = 1; parts <= steps_[end].parts(); ++parts) compute(end, parts);
    for (std::size_t step = band_.first; step < end; ++step) compute(step, steps_[step].parts());  // rows nobody reads
  }

 private:
  /// Computes the first `parts` parts of a step, and before them what they read.
  void compute(std::size_t step, std::int64_t parts) {
    const RowParts& own = steps_[step];
    std::int64_t& done = done_[step - band_.first];
    if (parts <= done) return;
    const std::int64_t rows = std::min(own.height, parts * own.rows);
    for (std::size_t before = band_.first; before < step; ++before) {
      const std::int64_t reads = std::min(own.in_height, (rows - 1) * own.stride + own.reach);
      if (steps_[before].y == own.x) compute_rows(before, reads);
      if (steps_[before].y == own.residual) compute_rows(before, rows);
    }
    turns_.push_back({step, image_ * own.parts() + done, image_ * own.parts() + parts});
    done = parts;
  }

  void compute_rows(std::size_t step, std::int64_t rows) {
    if (rows > 0) compute(step, (rows + steps_[step].rows - 1) / steps_[step].rows);
  }

  const std::span<const RowParts> steps_;
  const Band band_;
  std::vector<Turn>& turns_;
  std::vector<std::int64_t> done_;  // parts of each step
  std::int64_t image_ = 0;
};

}  // namespace

std::vector<Band> bands_of(std::span<const RowParts> steps, std::int64_t cache_bytes, std::size_t cut) {
  const auto joined = [&](std::size_t i) {
    const RowParts &from = steps[i - 1], &to = steps[i];
    return from.parts() > 1 && to.parts() > 1 && from.y == to.x && from.images == to.images &&
           from.y_bytes / from.images > cache_bytes;
  };
  std::vector<Band> bands;
  for (std::size_t i = 1; i < steps.size(); ++i) {
    if (i == cut || !joined(i)) continue;
    if (!bands.empty() && bands.back().last == i && i - bands.back().first == kMostSteps) continue;
    if (bands.empty() || bands.back().last < i) bands.push_back({i - 1, i});
    bands.back().last = i + 1;
  }
  return bands;
}

std::vector<Turn> turns_of(std::span<const RowParts> steps, std::span<const Band> bands) {
  std::vector<Turn> turns;
  for (std::size_t step = 0; step < steps.size();) {
    if (bands.empty() || step < bands.front().first) {
      turns.push_back({step, 0, steps[step].images * steps[step].parts()});
      ++step;
      continue;
    }
    TurnTaker taker(steps, bands.front(), turns);
    for (std::int64_t image = 0; image < steps[step].images; ++image) taker.take_image(image);
    step = bands.front().last;
    bands = bands.subspan(1);
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
