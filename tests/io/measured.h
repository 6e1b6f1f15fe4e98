#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <functional>
#include <string>

#include <minnow/core/error.h>

namespace minnow::test {

constexpr std::int64_t MiB = 1 << 20;

/// What refusing a bad file may take.
#ifdef MINNOW_SANITIZED
constexpr double kBadFileSeconds = 10;  // an unoptimised, instrumented build takes about ten times as long
#else
constexpr double kBadFileSeconds = 1;
#endif
constexpr std::int64_t kBadFileMebibytes = 256;

/// What it took to do something in a process of its own.
struct Measured {
  std::string error;       ///< of the Error that ended it; empty where none did
  double seconds;          ///< of the processor
  std::int64_t mebibytes;  ///< of resident memory at the peak, beyond what was there
  bool crashed;
};

inline std::int64_t memory_of_this_process(const std::string& field) {  // in bytes
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(field + ':')) return std::stoll(line.substr(field.size() + 1)) * 1024;
  }
  return 0;
}

/// Runs `work` in a child, whose memory and time are its own, under a sanitizer too.
inline Measured measure(const std::function<void()>& work) {
  int pipe_ends[2];
  if (::pipe(pipe_ends) != 0) std::abort();
  const pid_t child = fork();
  if (child == 0) {
    std::ofstream("/proc/self/clear_refs") << 5;  // the peak starts anew
    const std::int64_t before = memory_of_this_process("VmRSS");
    const std::clock_t start = std::clock();
    std::string error;
    try {
      work();
    } catch (const Error& thrown) {
      error = thrown.what();
    }
    const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    const std::int64_t grown = (memory_of_this_process("VmHWM") - before) / MiB;
    const std::string report = std::to_string(seconds) + ' ' + std::to_string(grown) + ' ' + error;
    std::size_t sent = 0;
    while (sent < report.size()) {
      const ssize_t part = ::write(pipe_ends[1], report.data() + sent, report.size() - sent);
      if (part <= 0) _exit(1);
      sent += static_cast<std::size_t>(part);
    }
    _exit(0);
  }
  ::close(pipe_ends[1]);
  std::string report;
  char buffer[4096];
  for (ssize_t got; (got = ::read(pipe_ends[0], buffer, sizeof buffer)) > 0;) {
    report.append(buffer, static_cast<std::size_t>(got));
  }
  ::close(pipe_ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) return {report, 0, 0, true};
  char* rest = nullptr;
  const double seconds = std::strtod(report.c_str(), &rest);
  const std::int64_t mebibytes = std::strtoll(rest, &rest, 10);
  return {rest + 1, seconds, mebibytes, false};
}

}  // namespace minnow::test
