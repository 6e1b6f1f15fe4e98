#include <exception>
#include <iostream>

#include "commands.h"

// Exit codes: 0 all done, 1 something could not be done, 2 the command line makes no sense.
int main(int argc, char** argv) {
  CLI::App program("Classifies pictures with neural networks, and looks after their weights.", "minnow");
  program.set_version_flag("--version", "minnow " MINNOW_VERSION);
  program.require_subcommand(1);
  minnow::tool::add_classify(program);
  minnow::tool::add_summary(program);
  minnow::tool::add_list(program);
  minnow::tool::add_convert(program);
  minnow::tool::add_bench(program);
  try {
    program.parse(argc, argv);
    return 0;
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return program.exit(error);  // --help, --version
    std::cerr << "minnow: " << error.what() << " (minnow --help)\n";
    return 2;
  } catch (const minnow::tool::Incomplete&) {
    return 1;
  } catch (const std::exception& error) {
    std::cerr << "minnow: " << error.what() << '\n';
    return 1;
  }
}
