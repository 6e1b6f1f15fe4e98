#pragma once

#include <cstddef>

namespace minnow::tool {

/// A bar on stderr, where that is a terminal and there is more than one thing to do; nothing elsewhere.
class Progress {
 public:
  explicit Progress(std::size_t total);
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// Shows that `done` of all are done.
  void show(std::size_t done);
  /// Wipes the bar away, before something else is written to the terminal.
  void clear();

 private:
  std::size_t total_;
  bool visible_, shown_ = false;
};

}  // namespace minnow::tool
