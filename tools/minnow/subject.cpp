#include "subject.h"

#include <charconv>
#include <filesystem>

#include <minnow/core/error.h>
#include <minnow/zoo/zoo.h>

namespace minnow::tool {
namespace {

// "3x224x224" -> [1, 3, 224, 224]; a fourth number in front is the size of the batch.
Shape parse_input(const std::string& text) {
  Shape shape;
  const char* next = text.data();
  const char* const end = next + text.size();
  bool valid = true;
  for (bool more = true; valid && more;) {
    std::int64_t size = 0;
    const auto [stop, error] = std::from_chars(next, end, size);
    more = stop != end;
    valid = error == std::errc() && size > 0 && shape.rank() < 4 && (!more || *stop == 'x');
    if (valid) shape.push_back(size);
    next = stop + (more ? 1 : 0);
  }
  if (!valid || shape.rank() < 3) {
    fail("expected channels x height x width such as 3x224x224, or a batch in front of them, got \"", text, '"');
  }
  if (shape.rank() == 3) shape.insert(0, 1);
  return shape;
}

// What a preset makes of a picture; 224 pixels where it leaves the size.
Shape input_of(const Preset& preset) {
  const std::int64_t side = preset.crop > 0 ? preset.crop : preset.resize > 0 ? preset.resize : 224;
  return {1, 3, side, side};
}

}  // namespace

std::string check_input(const std::string& text) {
  try {
    parse_input(text);
    return {};
  } catch (const Error& error) {
    return error.what();
  }
}

Subject find_subject(const std::string& name, const std::string& model, const std::string& input) {
  const auto shape = [&](const Preset& preset) { return input.empty() ? input_of(preset) : parse_input(input); };
  const std::filesystem::path path(name);
  if (path.has_extension() || path.has_parent_path() || is_regular_file(path)) {
    auto classifier = zoo::open(path, {.model = model});
    return {std::move(classifier.model), shape(classifier.preset)};
  }
  if (!model.empty()) fail("--model is for files that do not name their model; \"", name, "\" is a model itself");
  return {zoo::create(name), shape(zoo::find(name).preset)};
}

}  // namespace minnow::tool
