#pragma once

#include <string>

namespace minnow {

/// How long an algorithm took for one layer, on one thread: the best of a few runs that found its weights in memory.
struct Measured {
  std::string algorithm;
  double seconds = 0;
};

}  // namespace minnow
