#include "progress.h"

#include <unistd.h>

#include <iostream>
#include <string>

namespace minnow::tool {

Progress::Progress(std::size_t total) : total_(total), visible_(total > 1 && isatty(STDERR_FILENO)) {}

void Progress::show(std::size_t done) {
  if (!visible_) return;
  constexpr std::size_t width = 40;
  const std::size_t filled = done * width / total_;
  std::cerr << "\r[" << std::string(filled, '#') << std::string(width - filled, ' ') << "] " << done << " of " << total_
            << std::flush;
  shown_ = true;
}

void Progress::clear() {
  if (shown_) std::cerr << "\r\x1b[K" << std::flush;  // to the beginning of the line, and erase it
  shown_ = false;
}

}  // namespace minnow::tool
