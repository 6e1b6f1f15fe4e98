#pragma once

#include <CLI/CLI.hpp>

namespace minnow::tool {

// The subcommands of the program, one per file. Each adds itself with its options; when the user picks it, it runs
// while the command line is parsed, and throws an Error with one sentence where it cannot do what was asked.

void add_classify(CLI::App& program);
void add_summary(CLI::App& program);
void add_list(CLI::App& program);
void add_convert(CLI::App& program);
void add_bench(CLI::App& program);

/// Thrown by a command that did what it could and said what it could not: the program ends with exit code 1.
struct Incomplete {};

}  // namespace minnow::tool
