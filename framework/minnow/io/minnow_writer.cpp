#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include <minnow/core/error.h>
#include <minnow/io/base64.h>
#include <minnow/io/formats.h>
#include <minnow/io/json.h>

namespace minnow {
namespace {

// The shortest digits that read back as the number. One beyond int64 has an exponent: without, it would be an integer.
template <class Number>
std::string digits(Number value) {
  std::array<char, 32> text;
  char *const first = text.data(), *const last = first + text.size();
  const bool large = std::abs(value) >= Number(0x1p63);
  return {first, large ? std::to_chars(first, last, value, std::chars_format::scientific).ptr
                       : std::to_chars(first, last, value).ptr};
}

// The items, each written by `write`, with commas between them and `open` and `close` around.
template <class Items, class Write>
std::string listed(const char* open, const Items& items, const char* close, Write write) {
  std::string text = open;
  for (const auto& item : items) {
    if (text.size() > 1) text += ", ";
    text += write(item);
  }
  return text += close;
}

std::string preset_text(const Preset& preset) {
  const auto number = [](float value) { return digits(value); };
  return str("{\"resize\": ", preset.resize, ", \"crop\": ", preset.crop, ", \"interpolation\": \"",
             name_of(preset.interpolation), "\", \"mean\": ", listed("[", preset.mean, "]", number),
             ", \"std\": ", listed("[", preset.std, "]", number), '}');
}

void write_tensor(const NamedTensor& tensor, OutputFile& out) {
  constexpr std::size_t bytes_per_string = 48 << 10;  // 64 KiB of base64
  const Tensor& value = tensor.value;
  out.write(str(json_string(tensor.name), ": {\"dtype\": \"", value.dtype(), "\", \"shape\": ", value.shape(),
                ", \"data\": ["));
  std::span<const std::byte> rest(value.storage().get(), static_cast<std::size_t>(value.nbytes()));
  std::string text;
  while (!rest.empty()) {
    const auto piece = rest.first(std::min(rest.size(), bytes_per_string));
    rest = rest.subspan(piece.size());
    text.assign(1, '"');
    encode_base64(piece, text);
    text += rest.empty() ? "\"" : "\",\n      ";
    out.write(text);
  }
  out.write("]}");
}

}  // namespace

std::string minnow_metadata(const WeightsFile& file) {
  const auto pair = [](const auto& write) {
    return [&write](const auto& item) { return str(json_string(item.first), ": ", write(item.second)); };
  };
  std::string text = "{\n  \"format\": \"minnow\",\n  \"version\": 1";
  if (!file.model.empty() || !file.options.empty()) {
    text += str(",\n  \"model\": {\"name\": ", json_string(file.model),
                ", \"options\": ", listed("{", file.options, "}", pair(digits<double>)), '}');
  }
  if (file.preset) text += str(",\n  \"preset\": ", preset_text(*file.preset));
  if (!file.labels.empty()) text += str(",\n  \"labels\": ", listed("[", file.labels, "]", json_string));
  if (!file.provenance.empty()) {
    text += str(",\n  \"provenance\": ", listed("{", file.provenance, "}", pair(json_string)));
  }
  return text;
}

void write_minnow(const WeightsFile& file, OutputFile& out) {
  out.write(minnow_metadata(file) + ",\n  \"tensors\": {");
  for (const NamedTensor& tensor : file.tensors) {
    out.write(&tensor == &file.tensors.front() ? "\n    " : ",\n    ");
    write_tensor(tensor, out);
  }
  out.write("\n  }\n}\n");
}

}  // namespace minnow
