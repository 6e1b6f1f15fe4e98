#include "progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>

namespace minnow::tool {

namespace {

bool understands_escapes() {
  const char* const terminal = std::getenv("TERM");
  return isatty(STDERR_FILENO) && terminal && std::string_view(terminal) != "dumb";
}

std::size_t columns() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

}  // namespace

Progress::Progress(std::size_t total) : total_(total), visible_(total > 1 && understands_escapes()) {}

void Progress::show(std::size_t done) {
  if (!visible_) return;
  const std::string count = std::to_string(done) + " of " + std::to_string(total_);
  constexpr std::size_t most = 40, least = 10;
  const std::size_t room = columns(), taken = count.size() + 4;  // the brackets, a blank and the last column
  std::string bar;
  if (room >= taken + least) {
    const std::size_t width = std::min(most, room - taken), filled = done * width / total_;
    bar = '[' + std::string(filled, '#') + std::string(width - filled, ' ') + "] ";
  }
  std::cerr << '\r' << bar << count.substr(0, room - 1) << std::flush;
  shown_ = true;
}

void Progress::clear() {
  if (shown_) std::cerr << "\r\x1b[K" << std::flush;  // to the beginning of the line, and erase it
  shown_ = false;
}

}  // namespace minnow::tool
