#pragma once

#include <filesystem>

namespace minnow::detail {

/// How many CPUs' time the control groups of this process allow it, such as 1.5; infinity where they set no limit.
/// `root` is where they are mounted, /sys/fs/cgroup, and `membership` names the process's own, /proc/self/cgroup: its
/// limit and those of the groups above it count. https://docs.kernel.org/admin-guide/cgroup-v2.html
double cgroup_cpus(const std::filesystem::path& root, const std::filesystem::path& membership);

}  // namespace minnow::detail
