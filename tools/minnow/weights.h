#pragma once

#include <filesystem>

namespace minnow::tool {

/// The weights that come with the project: beside the installed program, or in the source tree it was built from.
/// Throws where neither has them.
std::filesystem::path default_weights();

}  // namespace minnow::tool
