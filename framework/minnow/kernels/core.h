#pragma once

namespace minnow::kernels {
namespace {

/// Whether this core is AMD's Zen 3 or 4, which measurements know as one of a kind.
inline bool is_zen3_or_4() {
#if defined(__x86_64__)
  return __builtin_cpu_is("amdfam19h");
#else
  return false;
#endif
}

}  // namespace
}  // namespace minnow::kernels
