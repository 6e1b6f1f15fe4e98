#pragma once

#include <string>
#include <string_view>

#include <minnow/core/export.h>

namespace minnow {

/// While it lives, this thread is inside the module called `name`; scopes nest into paths such as "layer3.0.conv2".
/// Costs two pointers on the stack; `name` must outlive the scope. An empty name adds nothing to the path.
class MINNOW_API PathScope {
 public:
  explicit PathScope(std::string_view name);
  ~PathScope();
  PathScope(const PathScope&) = delete;
  PathScope& operator=(const PathScope&) = delete;

 private:
  friend std::string current_path();
  std::string_view name_;
  const PathScope* outer_;
};

/// While it lives, paths on this thread begin in the next scope, whose name they leave out: a model that is compiled,
/// be it a part of another, has its own.
class MINNOW_API RootScope {
 public:
  RootScope();
  ~RootScope();
  RootScope(const RootScope&) = delete;
  RootScope& operator=(const RootScope&) = delete;

 private:
  const PathScope* outside_;
  bool outside_is_root_;
};

/// The path of the module that is running on this thread; empty outside of any.
MINNOW_API std::string current_path();

}  // namespace minnow
