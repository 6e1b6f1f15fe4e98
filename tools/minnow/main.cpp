#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <iostream>

#include "commands.h"

namespace {

// Throws where what was printed did not arrive: the disk may be full, or nobody may have opened the output.
void finish_output() {
  std::cout.flush();
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0 && std::cout) return;
  throw std::runtime_error(std::string("cannot write the output: ") + std::strerror(errno));
}

// Names the commands where the first argument should have been one, and an option that there is not even where
// something is missing as well.
std::string reason_of(const CLI::ParseError& error, const CLI::App& program, int argc, char** argv) {
  const bool extra = dynamic_cast<const CLI::ExtrasError*>(&error) || dynamic_cast<const CLI::RequiredError*>(&error);
  for (const std::string& unknown : extra ? program.remaining(true) : std::vector<std::string>()) {
    if (unknown.starts_with('-')) {
      return "there is no option " + unknown + " here; of a file called so say ./" + unknown;
    }
  }
  if (argc < 2 || argv[1][0] == '-' || !program.get_subcommands().empty()) return error.what();
  std::string commands;
  for (const CLI::App* command : program.get_subcommands([](const CLI::App*) { return true; })) {
    commands += (commands.empty() ? "" : ", ") + command->get_name();
  }
  return std::string("there is no command \"") + argv[1] + "\", but " + commands;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGXFSZ, SIG_IGN);  // a file that must not grow is an error of writing
  CLI::App program("Classifies pictures with neural networks, and looks after their weights.", "minnow");
  program.set_version_flag("--version", "minnow " MINNOW_VERSION);
  program.require_subcommand(1);
  program.footer(
      "Ends with 0 where all is done, 1 where something could not be, 2 where the command line makes no sense.");
  minnow::tool::add_classify(program);
  minnow::tool::add_summary(program);
  minnow::tool::add_list(program);
  minnow::tool::add_convert(program);
  minnow::tool::add_bench(program);
  try {
    bool complete = true;
    try {
      program.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
      if (error.get_exit_code() != 0) {
        std::cerr << "minnow: " << reason_of(error, program, argc, argv) << " (minnow --help)\n";
        return 2;
      }
      program.exit(error);  // --help, --version
    } catch (const minnow::tool::Incomplete&) {
      complete = false;
    }
    finish_output();
    return complete ? 0 : 1;
  } catch (const std::exception& error) {
    std::cerr << "minnow: " << error.what() << '\n';
    return 1;
  }
}
