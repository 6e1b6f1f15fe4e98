#include <utility>

#include <minnow/core/error.h>
#include <minnow/core/scope.h>

namespace minnow {
namespace {

thread_local const PathScope* innermost_scope = nullptr;
thread_local bool next_is_root = false;

}  // namespace

PathScope::PathScope(std::string_view name)
    : name_(std::exchange(next_is_root, false) ? std::string_view() : name), outer_(innermost_scope) {
  innermost_scope = this;
}

PathScope::~PathScope() { innermost_scope = outer_; }

RootScope::RootScope()
    : outside_(std::exchange(innermost_scope, nullptr)), outside_is_root_(std::exchange(next_is_root, true)) {}

RootScope::~RootScope() {
  innermost_scope = outside_;
  next_is_root = outside_is_root_;
}

std::string current_path() {
  std::string path;
  for (const PathScope* scope = innermost_scope; scope; scope = scope->outer_) {
    if (scope->name_.empty()) continue;
    path = path.empty() ? std::string(scope->name_) : std::string(scope->name_) + '.' + path;
  }
  return path;
}

void throw_error(const std::string& message) {
  const std::string path = current_path();
  throw Error(path.empty() ? message : path + ": " + message);
}

}  // namespace minnow
