#pragma once

#include "tools/run.h"

/// Runs Python, for the tools that are written in it. The framework needs none: where it is not here, tests skip.

namespace minnow::test {

inline const std::string python = "/usr/bin/python3";  // that of tools/export_weights.py

/// Whether Python is here and can import these modules: "torch, numpy".
inline bool python_imports(const std::string& modules) {
  return shell(python + " -c 'import " + modules + "'").code == 0;
}

/// Runs a script with arguments as the shell reads them.
inline Outcome run_python(const std::string& script, const std::string& arguments) {
  const Scratch scratch("-python");
  return shell(python + ' ' + scratch.file("script.py", script) + ' ' + arguments);
}

}  // namespace minnow::test
