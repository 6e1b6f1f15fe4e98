#include "weights.h"

#include <minnow/core/error.h>

namespace minnow::tool {

namespace fs = std::filesystem;

fs::path default_weights() {
  const char* const file = "resnet20-cifar10.json";
  std::error_code none;
  const fs::path program = fs::read_symlink("/proc/self/exe", none);
  const fs::path installed = (program.parent_path() / MINNOW_DATA_FROM_PROGRAM / "weights" / file).lexically_normal();
  for (const fs::path& path : {installed, fs::path(MINNOW_WEIGHTS_DIR) / file}) {
    if (fs::exists(path, none)) return path;
  }
  fail("the weights that come with Minnow are not at ", installed.string(), ": name some with --weights");
}

}  // namespace minnow::tool
