#include <algorithm>
#include <iterator>

#include <minnow/core/error.h>
#include <minnow/core/nearest.h>
#include <minnow/plan/conv_chooser.h>
#include <minnow/plan/tune.h>

namespace minnow {

std::string ConvChooser::name_of(const std::string& path) {
  int& count = applied_[path];
  std::string name = ++count == 1 ? path : str(path, '#', count);
  while (std::ranges::count(names_, name) > 0) name = str(path, '#', ++count);  // a module may be called so
  names_.push_back(name);
  return name;
}

ChosenConv ConvChooser::choose(const std::string& path, const kernels::ConvShape& shape, bool plain_input, bool rows) {
  ChosenConv chosen = choose_none(path);
  const ConvPreferences preferences{.winograd = options_.winograd && !rows};
  const kernels::Format blocked = table_.blocked();
  if (const auto pin = options_.algorithms.find(chosen.name); pin != options_.algorithms.end()) {
    std::vector<ConvChoice> possible;
    if (!rows) possible = conv_choices(table_, shape, {}, preferences);
    std::ranges::copy(conv_choices(table_, shape, blocked, preferences), std::back_inserter(possible));
    chosen.kernel = pinned(chosen.name, pin->second, possible);
    return chosen;
  }
  const auto choices = plain_input && !rows ? conv_choices_from_plain(table_, shape, preferences)
                                            : conv_choices(table_, shape, blocked, preferences);
  if (choices.empty()) return chosen;
  chosen.kernel = choices.front().kernel;
  if (!options_.tune || choices.size() == 1) return chosen;
  const std::vector<Timing> timings = measure(choices, shape);
  chosen.kernel = timings.front().kernel;
  for (const Timing& timing : timings) chosen.measured.push_back({timing.kernel->name, timing.seconds});
  return chosen;
}

const kernels::ConvKernel* ConvChooser::pinned(const std::string& name, const std::string& algorithm,
                                               const std::vector<ConvChoice>& possible) const {
  std::string names;
  for (const ConvChoice& choice : possible) {
    if (choice.kernel->name == algorithm) return choice.kernel;
    names += str(names.empty() ? "" : ", ", choice.kernel->name);
  }
  fail("compile: PlanOptions::algorithms has \"", algorithm, "\" for \"", name, "\", where ", table_.name,
       options_.winograd ? "" : " without Winograd's and Strassen's algorithms", " can do ", names);
}

void ConvChooser::check_pins() const {
  if (!options_.blocked && !options_.algorithms.empty()) {
    fail("compile: PlanOptions::algorithms is for kernels, which PlanOptions::blocked = false leaves out");
  }
  for (const auto& [name, algorithm] : options_.algorithms) {
    if (std::find(names_.begin(), names_.end(), name) != names_.end()) continue;
    std::vector<std::string> some = nearest_names(name, names_);
    if (some.empty()) some.assign(names_.begin(), names_.begin() + std::min<std::ptrdiff_t>(5, std::ssize(names_)));
    std::string list;
    for (const std::string& one : some) list += str(list.empty() ? "" : ", ", '"', one, '"');
    fail("compile: PlanOptions::algorithms has \"", algorithm, "\" for \"", name,
         "\", but no convolution is called so; ",
         names_.empty() ? "there are none" : str("among the ", names_.size(), " there are ", list));
  }
}

}  // namespace minnow
