#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <string>

#include <minnow/core/cgroup.h>

namespace minnow::detail {
namespace {

constexpr double kNoLimit = std::numeric_limits<double>::infinity();

double ratio(double allowed, double period) { return allowed > 0 && period > 0 ? allowed / period : kNoLimit; }

// Version 2 has one file of two numbers, of which the first may be "max"; version 1 has two, of which one may be -1.
double limit_of(const std::filesystem::path& group) {
  std::string allowed;
  double period = 0, microseconds = 0;
  if (std::ifstream v2(group / "cpu.max"); v2 >> allowed >> period) return ratio(std::atof(allowed.c_str()), period);
  std::ifstream v1_quota(group / "cpu.cfs_quota_us"), v1_period(group / "cpu.cfs_period_us");
  return v1_quota >> microseconds && v1_period >> period ? ratio(microseconds, period) : kNoLimit;
}

// The least limit of the group `path` below `root` and of those above it. (A container may see its own group as the
// root, whatever its path is called.)
double least_limit(const std::filesystem::path& root, std::filesystem::path path) {
  double least = limit_of(root);
  for (path = path.relative_path(); !path.empty(); path = path.parent_path()) {
    least = std::min(least, limit_of(root / path));
  }
  return least;
}

}  // namespace

double cgroup_cpus(const std::filesystem::path& root, const std::filesystem::path& membership) {
  double least = std::min(limit_of(root), limit_of(root / "cpu"));
  std::ifstream in(membership);
  for (std::string line; std::getline(in, line);) {  // "0::/user.slice" or "4:cpu,cpuacct:/docker/1f"
    const std::size_t first = line.find(':'), second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = ',' + line.substr(first + 1, second - first - 1) + ',';
    const std::filesystem::path path = line.substr(second + 1);
    if (controllers == ",,") least = std::min(least, least_limit(root, path));
    if (controllers.find(",cpu,") != std::string::npos) least = std::min(least, least_limit(root / "cpu", path));
  }
  return least;
}

}  // namespace minnow::detail
