#pragma once

#include <sstream>
#include <stdexcept>
#include <string>

#include <minnow/core/export.h>

namespace minnow {

/// The one exception that Minnow throws. what() is one sentence: where, what, and what was expected.
class MINNOW_API Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The parts written one after the other, as `operator<<` writes them.
template <class... Parts>
std::string str(const Parts&... parts) {
  std::ostringstream out;
  (out << ... << parts);
  return std::move(out).str();
}

/// Throws Error(message), led by the path of the module that is running ("layer3.0.conv2: ..."), if any.
[[noreturn]] MINNOW_API void throw_error(const std::string& message);

/// Throws an Error of the parts written one after the other, led by the path of the running module.
template <class... Parts>
[[noreturn]] void fail(const Parts&... parts) {
  throw_error(str(parts...));
}

}  // namespace minnow
