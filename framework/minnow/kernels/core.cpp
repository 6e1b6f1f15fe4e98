#include <minnow/kernels/core.h>

#if defined(__x86_64__)
#include <cpuid.h>
#endif
#if defined(__x86_64__) && defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
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

bool acquire_tiles() {
#if defined(__x86_64__) && defined(__linux__)
  constexpr unsigned kFeatures = 7, kTiles = 1u << 24, kBytes = 1u << 25;
  constexpr long kAskForPermission = 0x1023, kTileData = 18;  // ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA
  unsigned a = 0, b = 0, c = 0, d = 0;
  return __get_cpuid_count(kFeatures, 0, &a, &b, &c, &d) != 0 && (d & kTiles) != 0 && (d & kBytes) != 0 &&
         syscall(SYS_arch_prctl, kAskForPermission, kTileData) == 0;
#else
  return false;
#endif
}

void assume_core(Core core) { known() = core; }

}  // namespace minnow::kernels
