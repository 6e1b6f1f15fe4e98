#include <minnow/kernels/core.h>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace minnow::kernels {
namespace {

Core detect() {
#if defined(__x86_64__)
  if (!__builtin_cpu_is("amd")) return Core::other;
  if (__builtin_cpu_is("amdfam19h")) return Core::zen3_or_4;
  // Compilers of 2022 have no name for family 1Ah.
  unsigned signature = 0, b = 0, c = 0, d = 0;
  if (__get_cpuid(1, &signature, &b, &c, &d) == 0) return Core::other;
  const unsigned family = (signature >> 8 & 0xf) + (signature >> 20 & 0xff);
  if (family == 0x1a) return Core::zen5;
#endif
  return Core::other;
}

Core& known() {
  static Core core = detect();
  return core;
}

}  // namespace

Core core() { return known(); }

void assume_core(Core core) { known() = core; }

}  // namespace minnow::kernels
